package devstack

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"causeway/internal/config"
)

// folderLock keeps two starts from using one data folder. The system gives it back when the process ends, however it ends.
type folderLock struct{ file *os.File }

// lockFolder makes the folder and takes its lock; who holds it already is named.
func lockFolder(dir string) (*folderLock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	path := filepath.Join(dir, "dev.lock")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = fmt.Errorf("`causeway dev` already runs on the data folder %s%s; stop it first, or choose another folder with --data", dir, holder(dir, path))
		return nil, errors.Join(err, file.Close())
	}
	if err == nil {
		err = file.Truncate(0)
	}
	if err == nil {
		_, err = file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock the data folder: %w", err), file.Close())
	}
	return &folderLock{file}, nil
}

// holder says who has the lock, as far as that is known.
func holder(dir, path string) string {
	var said string
	if text, err := os.ReadFile(path); err == nil && len(text) > 0 {
		said = " (process " + strings.TrimSpace(string(text))
		if dev, err := config.ReadDevFile(dir); err == nil && dev != nil {
			said += ", dashboard at " + dev.Dashboard
		}
		said += ")"
	}
	return said
}

// release gives the folder back. The file stays: removing it could take away the lock of a start that is just beginning.
func (l *folderLock) release() { _ = l.file.Close() }
