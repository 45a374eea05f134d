package workflows_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/proxy"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// historiesDir holds a numbered folder for each release that was recorded: <type>-<variant>.json, as Temporal's own command line
// prints a history, one event to a line. Long ones are compressed.
const historiesDir = "testdata/histories"

// compressFrom is the size in bytes from which a history is kept compressed.
const compressFrom = 64 << 10

// kept is one kept history.
type kept struct {
	name string // folder/file
	raw  []byte // its JSON
	*historypb.History
}

func (k kept) started() *historypb.WorkflowExecutionStartedEventAttributes {
	return k.Events[0].GetWorkflowExecutionStartedEventAttributes()
}

// keptHistories are those of every release.
func keptHistories(t *testing.T) []kept {
	t.Helper()
	all, err := readHistories()
	require.NoError(t, err)
	require.NotEmpty(t, all, "no history is kept")
	return all
}

// readHistories reads once for all tests; none of them changes what was read.
var readHistories = sync.OnceValues(func() (all []kept, err error) {
	err = fs.WalkDir(os.DirFS(historiesDir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := readHistory(filepath.Join(historiesDir, name))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		history, err := client.HistoryFromJSON(bytes.NewReader(raw), client.HistoryJSONOptions{})
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, kept{name, raw, history})
		return nil
	})
	return all, err
})

func readHistory(file string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil || !strings.HasSuffix(file, ".gz") {
		return text, err
	}
	r, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// historyJSON writes an event to a line, so that a file is small and can still be read and compared.
func historyJSON(history *historypb.History) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(`{"events":[`)
	for i, event := range history.GetEvents() {
		text, err := temporalproto.CustomJSONMarshalOptions{}.Marshal(event)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteByte('\n')
		if err := json.Compact(&out, text); err != nil { // the marshaller varies its white space on purpose
			return nil, err
		}
	}
	out.WriteString("\n]}\n")
	return out.Bytes(), nil
}

// writeHistories makes the next release's folder, whole or not at all; what is there already stays as it is.
func writeHistories(dir string, histories map[string]*historypb.History) (folder string, err error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", err
	}
	next := 1
	for ; ; next++ {
		if _, err := os.Stat(filepath.Join(dir, strconv.Itoa(next))); errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	part, err := os.MkdirTemp(dir, ".recording-")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(part)) }()
	for name, history := range histories {
		text, err := historyJSON(history)
		if err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
		file := filepath.Join(part, name+".json")
		if len(text) >= compressFrom {
			var packed bytes.Buffer
			w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
			if err != nil {
				return "", err
			}
			if _, err := w.Write(text); err != nil {
				return "", err
			}
			if err := w.Close(); err != nil {
				return "", err
			}
			file, text = file+".gz", packed.Bytes()
		}
		if err := os.WriteFile(file, text, 0o600); err != nil {
			return "", err
		}
	}
	if err := os.Chmod(part, 0o755); err != nil {
		return "", err
	}
	folder = filepath.Join(dir, strconv.Itoa(next))
	return folder, os.Rename(part, folder)
}

// withoutHosts takes out which machine did what: it is no part of what is replayed.
func withoutHosts(m protoreflect.Message) {
	if queue, ok := m.Interface().(*taskqueuepb.TaskQueue); ok && queue.GetKind() == enumspb.TASK_QUEUE_KIND_STICKY {
		queue.Name = "sticky" // the host's name and a number
	}
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case field.Name() == "identity" && field.Kind() == protoreflect.StringKind:
			m.Set(field, protoreflect.ValueOfString("causeway"))
		case field.Kind() == protoreflect.MessageKind && field.IsList():
			for i := range value.List().Len() {
				withoutHosts(value.List().Get(i).Message())
			}
		case field.Kind() == protoreflect.MessageKind && !field.IsMap():
			withoutHosts(value.Message())
		}
		return true
	})
}

// keysIn answers which of the keys a history holds: as they are, inside an encoded payload, or as a part of any text in base64,
// such as a sign-in.
func keysIn(raw []byte, history *historypb.History, keys []string) ([]string, error) {
	texts := [][]byte{raw}
	collect := func(_ *proxy.VisitPayloadsContext, payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
		for _, p := range payloads {
			texts = append(texts, p.GetData())
			for _, value := range p.GetMetadata() {
				texts = append(texts, value)
			}
		}
		return payloads, nil
	}
	// A copy, because a visit may set what it visits.
	err := proxy.VisitPayloads(context.Background(), proto.CloneOf(history), proxy.VisitPayloadsOptions{Visitor: collect})
	var found []string
	for _, key := range keys {
		for _, form := range formsOf(key) {
			for _, text := range texts {
				if bytes.Contains(text, form) {
					found = append(found, key)
					break
				}
			}
		}
	}
	return found, err
}

// formsOf is a key itself and the middle of its base64, for each of the three ways in which it may lie in a longer text.
func formsOf(key string) [][]byte {
	forms := [][]byte{[]byte(key)}
	for shift := range 3 {
		text := append(make([]byte, shift), key...)
		text = text[:len(text)/3*3]
		encoded := base64.RawStdEncoding.EncodeToString(text)
		forms = append(forms, []byte(encoded[4:])) // the first group holds what stands before the key
	}
	return forms
}
