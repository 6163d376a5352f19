package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"daubang/internal/problem"
	"daubang/internal/viet"
)

// most is how large a file of records may be, in bytes: it is held in memory.
const most = 64 << 20

// Record is one element of a JSON file, and where it stands in it.
type Record[T any] struct {
	Value T
	file  string
	whole []byte // the file
	start int    // of the record within it
	end   int
}

// Refuse says that what stands at path is wrong; the parts of a path are names
// and, for lists, positions from 0: legal_bases.2.number.
func (r Record[T]) Refuse(path, key string, args ...any) error {
	return Refusal{
		File: r.file, Line: lineAt(r.whole, r.start+offsetOf(r.whole[r.start:r.end], path)),
		Column: path, Reason: problem.Say(key, args...),
	}
}

// ReadRecords reads a JSON file that is one list of objects. A field that T does
// not have is refused, for it is most likely a slip of the pen. Every text is
// cleaned (viet.Clean); T holds texts in structs, lists and pointers only.
func ReadRecords[T any](file string, r io.Reader) ([]Record[T], error) {
	whole, err := io.ReadAll(io.LimitReader(withoutMark(r), most+1))
	if err != nil {
		return nil, unreadable(file, err)
	}
	if len(whole) > most {
		return nil, refuse(file, 0, "", "intake.large", most>>20)
	}
	if !utf8.Valid(whole) {
		return nil, refuse(file, 0, "", "intake.not_utf8")
	}
	var list []json.RawMessage
	if err := json.Unmarshal(whole, &list); err != nil {
		return nil, notList(file, whole, err)
	}
	records := make([]Record[T], 0, len(list))
	end := 0
	for _, raw := range list {
		start := end + bytes.Index(whole[end:], raw) // verbatim, and in this order
		end = start + len(raw)
		record := Record[T]{file: file, whole: whole, start: start, end: end}
		if err := record.decode(raw); err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	return records, nil
}

// decode reads the record strictly.
func (r *Record[T]) decode(raw []byte) error {
	source := json.NewDecoder(bytes.NewReader(raw))
	source.DisallowUnknownFields()
	err := source.Decode(&r.Value)
	if err == nil {
		clean(reflect.ValueOf(&r.Value).Elem())
		return nil
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return refuse(r.file, lineAt(r.whole, r.start+int(wrong.Offset)), wrong.Field, "intake.kind", wrong.Value)
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		at := max(bytes.Index(raw, []byte(name)), 0)
		return refuse(r.file, lineAt(r.whole, r.start+at), strings.Trim(name, `"`), "intake.field_unknown")
	}
	return refuse(r.file, lineAt(r.whole, r.start), "", "intake.not_json", err.Error())
}

// clean makes one clean line (viet.Clean) of every text in a value.
func clean(v reflect.Value) {
	switch v.Kind() { //nolint:exhaustive // only these hold text
	case reflect.String:
		v.SetString(viet.Clean(v.String()))
	case reflect.Pointer:
		if !v.IsNil() {
			clean(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			clean(v.Index(i))
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			if field.CanSet() {
				clean(field)
			}
		}
	}
}

// notList tells where the file stops being JSON, or that it is something else.
func notList(file string, whole []byte, err error) error {
	if wrong, ok := errors.AsType[*json.SyntaxError](err); ok && len(bytes.TrimSpace(whole)) > 0 {
		return refuse(file, lineAt(whole, int(wrong.Offset)), "", "intake.not_json", err.Error())
	}
	return refuse(file, 1, "", "intake.not_list")
}

func lineAt(whole []byte, offset int) int {
	return 1 + bytes.Count(whole[:min(max(offset, 0), len(whole))], []byte{'\n'})
}

// offsetOf finds where the value at path begins within an object, or as much of
// the path as exists: what is missing is told at the line of what should hold it.
func offsetOf(object []byte, path string) int {
	at, rest := 0, object
	for part := range strings.SplitSeq(path, ".") {
		offset, value, ok := child(rest, part)
		if !ok {
			break
		}
		at += offset
		rest = value
	}
	return at
}

// child finds a member of an object by name or of a list by position.
func child(value []byte, name string) (offset int, inner []byte, ok bool) {
	source := json.NewDecoder(bytes.NewReader(value))
	open, err := source.Token()
	if err != nil {
		return 0, nil, false
	}
	for i := 0; source.More(); i++ {
		key := strconv.Itoa(i)
		if open == json.Delim('{') {
			token, err := source.Token()
			if err != nil {
				return 0, nil, false
			}
			key, _ = token.(string) // keys are strings
		}
		var raw json.RawMessage
		if source.Decode(&raw) != nil {
			return 0, nil, false
		}
		if key == name {
			return int(source.InputOffset()) - len(raw), raw, true
		}
	}
	return 0, nil, false
}
