package secret

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
)

// A master key file is a tink keyset in its JSON form, in clear: who may read the file can open every sealed key. That is why it
// is a file of its own, readable by its owner alone, and never part of the database or its backups.

// LoadMasterKey reads the key set of a master key file.
func LoadMasterKey(file string) (*keyset.Handle, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no master key file %s; without it stored API keys cannot be opened: %w", file, err)
	}
	if err != nil {
		return nil, fmt.Errorf("read the master key: %w", err)
	}
	master, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(text)))
	if err != nil {
		// The cause may quote the file, so it is left out.
		return nil, fmt.Errorf("%s is not a master key file of Causeway", file)
	}
	return master, nil
}

// CreateMasterKey makes a new master key file, readable by its owner alone. A file that is there stays as it is and the error
// is fs.ErrExist: a new key over an old one would lose every sealed API key.
func CreateMasterKey(file string) (*keyset.Handle, error) {
	master, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("make a master key: %w", err)
	}
	temp, err := writeBeside(file, master)
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(temp) }()
	// A link, unlike a rename, fails where a second process was faster.
	if err := os.Link(temp, file); err != nil {
		return nil, fmt.Errorf("make the master key file: %w", err)
	}
	return master, nil
}

// AddMasterKey begins a rotation: a new key seals from now on, the old ones still open. What is stored is then sealed again,
// and DropOldMasterKeys ends the rotation. Processes read the file at start, so they are restarted in between.
func AddMasterKey(file string) (*keyset.Handle, error) {
	master, err := LoadMasterKey(file)
	if err != nil {
		return nil, err
	}
	manager := keyset.NewManagerFromHandle(master)
	id, err := manager.Add(aead.AES256GCMKeyTemplate())
	if err == nil {
		err = manager.SetPrimary(id)
	}
	if err != nil {
		return nil, fmt.Errorf("add a master key: %w", err)
	}
	return replace(file, manager)
}

// DropOldMasterKeys ends a rotation: only the key that seals now is kept.
func DropOldMasterKeys(file string) (*keyset.Handle, error) {
	master, err := LoadMasterKey(file)
	if err != nil {
		return nil, err
	}
	info := master.KeysetInfo()
	manager := keyset.NewManagerFromHandle(master)
	for _, key := range info.GetKeyInfo() {
		if key.GetKeyId() == info.GetPrimaryKeyId() {
			continue
		}
		if err := manager.Delete(key.GetKeyId()); err != nil {
			return nil, fmt.Errorf("drop an old master key: %w", err)
		}
	}
	return replace(file, manager)
}

func replace(file string, manager *keyset.Manager) (*keyset.Handle, error) {
	master, err := manager.Handle()
	if err != nil {
		return nil, fmt.Errorf("change the master key: %w", err)
	}
	temp, err := writeBeside(file, master)
	if err != nil {
		return nil, err
	}
	if err := os.Rename(temp, file); err != nil {
		_ = os.Remove(temp)
		return nil, fmt.Errorf("replace the master key file: %w", err)
	}
	return master, nil
}

// writeBeside writes a whole, synced file next to the one it is meant for; os.CreateTemp makes it 0600.
func writeBeside(file string, master *keyset.Handle) (string, error) {
	temp, err := os.CreateTemp(filepath.Dir(file), ".master-key-*")
	if err != nil {
		return "", fmt.Errorf("write the master key: %w", err)
	}
	err = insecurecleartextkeyset.Write(master, keyset.NewJSONWriter(temp))
	if err == nil {
		err = temp.Sync()
	}
	if err := errors.Join(err, temp.Close()); err != nil {
		_ = os.Remove(temp.Name())
		return "", fmt.Errorf("write the master key: %w", err)
	}
	return temp.Name(), nil
}
