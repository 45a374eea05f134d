package secret

import (
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Sealer encrypts and authenticates. It is safe for concurrent use.
type Sealer struct{ aead tink.AEAD }

// NewSealer seals with the primary key of the set and opens with any of its keys, so that a rotation needs no standstill.
func NewSealer(master *keyset.Handle) (*Sealer, error) {
	if master == nil {
		return nil, errors.New("no master key to seal with")
	}
	primitive, err := aead.New(master)
	if err != nil {
		return nil, fmt.Errorf("the master key cannot seal: %w", err)
	}
	return &Sealer{aead: primitive}, nil
}

// Seal binds plain to its context, the account and column it is stored under: moved to another row it does not open.
func (s *Sealer) Seal(plain []byte, context string) ([]byte, error) {
	sealed, err := s.aead.Encrypt(plain, []byte(context))
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", context, err)
	}
	return sealed, nil
}

// Unseal needs the same context as Seal.
func (s *Sealer) Unseal(sealed []byte, context string) ([]byte, error) {
	plain, err := s.aead.Decrypt(sealed, []byte(context))
	if err != nil {
		return nil, fmt.Errorf("open %s: it was sealed with another master key, or it is damaged: %w", context, err)
	}
	return plain, nil
}
