package connectwise

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
)

// compactAt is the size in bytes at which a journal is folded into the state file.
const compactAt = 32 << 20

// journal keeps the state on disk: the state file as of some generation, and beside it one journal per generation since
// (FILE.journal.N), to which every transaction is appended before it is answered. Appending is enough to survive the end of
// the process by any means; only Close forces the disk as well.
//
// append and rotate are called with the store's lock held.
type journal struct {
	path string
	head header

	file *os.File
	size int64

	compacting sync.WaitGroup
	busy       bool // guarded by the store's lock
	failed     func(error)
}

// header is the first line of a state file.
type header struct {
	Generation int   `json:"generation"`
	Seed       int64 `json:"seed"`
	Tenants    int   `json:"tenants"`
	// ClockOffset is in nanoseconds.
	ClockOffset int64            `json:"clock_offset"`
	Last        map[string]int32 `json:"last"` // highest id given out, by kind
}

// line is any other line; ClockOffset is set where the clock was moved.
type line struct {
	Changes     []storedChange `json:"changes"`
	ClockOffset *int64         `json:"clock_offset,omitempty"`
}

func (j *journal) name(generation int) string { return j.path + ".journal." + strconv.Itoa(generation) }

// open starts the journal of a generation, keeping what it already holds.
func (j *journal) open(generation int) (*os.File, int64, error) {
	f, err := os.OpenFile(j.name(generation), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}

func (j *journal) append(changes []change) error {
	text, err := appendChanges(nil, changes)
	if err != nil {
		return err
	}
	return j.write(text)
}

func (j *journal) write(text []byte) error {
	n, err := j.file.Write(text)
	if err != nil {
		// Half a line would spoil the lines after it.
		return errors.Join(err, j.file.Truncate(j.size))
	}
	j.size += int64(n)
	return nil
}

func (j *journal) moveClock(offset int64) error {
	j.head.ClockOffset = offset
	text, err := json.Marshal(line{ClockOffset: &offset})
	if err != nil {
		return err
	}
	return j.write(append(text, '\n'))
}

// rotate begins the next generation and returns what the state file has to hold for it. Until that file is written, the old
// state file and both journals together are the state.
func (j *journal) rotate(s *store) (snapshot, error) {
	file, size, err := j.open(j.head.Generation + 1)
	if err != nil {
		return snapshot{}, err
	}
	if j.file != nil {
		err = j.file.Close()
	}
	j.file, j.size = file, size
	j.head.Generation++
	j.head.Last = map[string]int32{}
	snap := snapshot{path: j.path}
	for _, t := range s.tables {
		j.head.Last[t.kind.name] = t.last
		snap.rows = append(snap.rows, slices.Clone(t.rows))
	}
	snap.head = j.head
	return snap, err
}

// snapshot is a consistent copy of the state: records never change, so the rows can be written without the lock.
type snapshot struct {
	path string
	head header
	rows [][]*record
}

// save writes the state file whole and at once, then drops the journals it contains.
func (s snapshot) save() error {
	temp, err := os.CreateTemp(filepath.Dir(s.path), filepath.Base(s.path)+".new-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temp.Name()) }() // gone already when the rename succeeded
	if err := errors.Join(s.write(temp), temp.Sync(), temp.Close()); err != nil {
		return err
	}
	if err := os.Rename(temp.Name(), s.path); err != nil {
		return err
	}
	for g := s.head.Generation - 1; g >= 0; g-- {
		if os.Remove(s.path+".journal."+strconv.Itoa(g)) != nil {
			break
		}
	}
	return nil
}

func (s snapshot) write(w io.Writer) error {
	out := bufio.NewWriterSize(w, 1<<16)
	if err := json.NewEncoder(out).Encode(s.head); err != nil {
		return err
	}
	var text []byte
	for _, rows := range s.rows {
		for _, r := range rows {
			var err error
			if text, err = appendChanges(text[:0], []change{{r.kind, r.id, r}}); err != nil {
				return err
			}
			if _, err := out.Write(text); err != nil {
				return err
			}
		}
	}
	return out.Flush()
}

// load reads the state file and the journals after it into the store; false means that there is no state file.
func (j *journal) load(s *store) (bool, error) {
	names := map[string]string{}
	err := readLines(j.path, func(n int, text []byte) error {
		if n == 0 {
			return json.Unmarshal(text, &j.head)
		}
		return j.replay(s, text, names)
	})
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the state file %s: %w", j.path, err)
	}
	for g := j.head.Generation; ; g++ {
		err := readJournal(j.name(g), func(text []byte) error { return j.replay(s, text, names) })
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil {
			return false, fmt.Errorf("read the journal %s: %w", j.name(g), err)
		}
		j.head.Generation = g
	}
	for name, last := range j.head.Last {
		if k, ok := kinds[name]; ok {
			s.tables[k.number].last = max(s.tables[k.number].last, last)
		}
	}
	return true, nil
}

func (j *journal) replay(s *store, text []byte, names map[string]string) error {
	var l line
	if err := json.Unmarshal(text, &l); err != nil {
		return err
	}
	if l.ClockOffset != nil {
		j.head.ClockOffset = *l.ClockOffset
	}
	for _, c := range l.Changes {
		if err := s.replay(c, names); err != nil {
			return err
		}
	}
	return nil
}

// readLines gives f each line, numbered from 0, without its end.
func readLines(path string, f func(n int, text []byte) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	in := bufio.NewReaderSize(file, 1<<16)
	for n := 0; ; n++ {
		text, err := in.ReadBytes('\n')
		if err != nil && (!errors.Is(err, io.EOF) || len(text) > 0) {
			return fmt.Errorf("line %d: %w", n+1, errors.Join(err, io.ErrUnexpectedEOF))
		}
		if err != nil {
			return nil
		}
		if err := f(n, text); err != nil {
			return fmt.Errorf("line %d: %w", n+1, err)
		}
	}
}

// readJournal is readLines for a file whose writer may have been killed: an unfinished last line was never answered, and is
// cut off so that the next line starts clean.
func readJournal(path string, f func(text []byte) error) error {
	whole := int64(0)
	err := readLines(path, func(_ int, text []byte) error {
		whole += int64(len(text))
		return f(text)
	})
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return os.Truncate(path, whole)
	}
	return err
}

// compact folds the journal into the state file in the background when it has grown large; the caller holds the lock.
func (s *store) compact() {
	j := s.journal
	if j.busy || j.size < compactAt {
		return
	}
	snap, err := j.rotate(s)
	if err != nil {
		j.failed(err)
		return
	}
	j.busy = true
	j.compacting.Go(func() {
		if err := snap.save(); err != nil {
			j.failed(err)
		}
		s.mu.Lock()
		j.busy = false
		s.mu.Unlock()
	})
}

// settle takes the lock at a moment when nothing is being written behind it.
func (s *store) settle() {
	s.mu.Lock()
	for s.journal != nil && s.journal.busy {
		s.mu.Unlock()
		s.journal.compacting.Wait()
		s.mu.Lock()
	}
}

// saveNow writes the state file for the state as it is; the caller holds the lock or is alone.
func (s *store) saveNow() error {
	snap, err := s.journal.rotate(s)
	if err != nil {
		return err
	}
	return snap.save()
}

// close waits for a running compaction, writes the state file and ends the journal.
func (s *store) close() error {
	if s.journal == nil {
		return nil
	}
	s.settle()
	defer s.mu.Unlock()
	err := s.saveNow()
	return errors.Join(err, s.journal.file.Close())
}
