package intake_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daubang/internal/intake"
	"daubang/internal/words"
)

type fruit struct {
	Name string
	Kilo int
}

func fruits(file string) (intake.Table[fruit], error) {
	return intake.ReadTable("fruits.csv", strings.NewReader(file), []string{"name", "kilo"}, func(r *intake.Row) fruit {
		return fruit{Name: r.Need("name"), Kilo: r.Int("kilo", 1, 99)}
	})
}

func TestReadTable(t *testing.T) {
	t.Parallel()
	table, err := fruits("\ufeffkilo,name\n3,\"xoài, ngọt\"\n5,mi\u0301t\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []fruit{{"xoài, ngọt", 3}, {"mít", 5}}
	if diff := cmp.Diff(want, table.Rows); diff != "" {
		t.Error(diff)
	}
}

func TestTableRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, want string }{
		{"", "fruits.csv: The file is empty. Nothing was loaded."},
		{"name\n", "fruits.csv, line 1, kilo: This column is missing in the first line. Nothing was loaded."},
		{"name,kilo,ripe\n", "fruits.csv, line 1, ripe: This column is not known. The columns are: name, kilo. Nothing was loaded."},
		{"name,name,kilo\n", "fruits.csv, line 1, name: This column stands twice in the first line. Nothing was loaded."},
		{"name,kilo\nmít,3\nxoài\n", "fruits.csv, line 3: The line has more or fewer fields than the first line. Nothing was loaded."},
		{"name,kilo\nmít,3\n\"xoài,4\n", "fruits.csv, line 3: A quotation mark is missing, or stands where none can be. Nothing was loaded."},
		{"name,kilo\n\"mít\nto\",3\n,4\n", "fruits.csv, line 4, name: This must not be empty. Nothing was loaded."},
		{"name,kilo\nmít,100\n", "fruits.csv, line 2, kilo: “100” is no whole number from 1 to 99. Nothing was loaded."},
		{"name,kilo\nm\xedt,10\n", "fruits.csv, line 2, name: The text is not UTF-8; save the file as UTF-8 and try again. Nothing was loaded."},
		{"name,kilo\n" + strings.Repeat("a", 501) + ",1\n", "fruits.csv, line 2, name: Shorten this to 500 characters. Nothing was loaded."},
	} {
		if _, err := fruits(c.file); err == nil || err.Error() != c.want {
			t.Errorf("%q: got %v, want %s", c.file, err, c.want)
		}
	}
}

func TestRefusalSpeaksVietnamese(t *testing.T) {
	t.Parallel()
	_, err := fruits("name,kilo\n,1\n")
	refused, ok := errors.AsType[intake.Refusal](err)
	if !ok {
		t.Fatalf("got %v, want a refusal", err)
	}
	if got, want := refused.In(words.Vi), "fruits.csv, dòng 2, name: Ô này cần có nội dung. Chưa nạp gì từ tệp này."; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestUnique(t *testing.T) {
	t.Parallel()
	table, err := fruits("name,kilo\nmít,1\nxoài,2\nmít,3\n")
	if err != nil {
		t.Fatal(err)
	}
	err = intake.Unique(table, "name", func(f fruit) string { return f.Name })
	want := "fruits.csv, line 4, name: The same already stands in line 2. Nothing was loaded."
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

type basket struct {
	Owner  string  `json:"owner"`
	Fruits []fruit `json:"fruits"`
}

func TestReadRecords(t *testing.T) {
	t.Parallel()
	records, err := intake.ReadRecords[basket]("b.json", strings.NewReader("[\n {\"owner\": \"Lan\",\n  \"fruits\": [{\"Name\": \"mít\", \"Kilo\": 1},\n   {\"Name\": \"xoài\"}]},\n {\"owner\": \"Mai\"}\n]\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != 2 || records[1].Value.Owner != "Mai" {
		t.Fatalf("got %+v", records)
	}
	for path, want := range map[string]string{
		"fruits.1.Name": "b.json, line 4, fruits.1.Name: This must not be empty. Nothing was loaded.",
		"fruits.0.Kilo": "b.json, line 3, fruits.0.Kilo: This must not be empty. Nothing was loaded.",
		"fruits.7":      "b.json, line 3, fruits.7: This must not be empty. Nothing was loaded.",
		"colour":        "b.json, line 2, colour: This must not be empty. Nothing was loaded.",
	} {
		if got := records[0].Refuse(path, "intake.needed").Error(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestRecordRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, want string }{
		{"", "b.json, line 1: The file must be one JSON list: [ … ]. Nothing was loaded."},
		{"{}", "b.json, line 1: The file must be one JSON list: [ … ]. Nothing was loaded."},
		{"[\n{\"owner\": \"Lan\",\n\"colour\": 1}]", "b.json, line 3, colour: This field is not known. Nothing was loaded."},
		{"[\n{\"owner\":\n 3}]", "b.json, line 3, owner: Another kind of value belongs here, not number. Nothing was loaded."},
	} {
		_, err := intake.ReadRecords[basket]("b.json", strings.NewReader(c.file))
		if err == nil || err.Error() != c.want {
			t.Errorf("%q: got %v, want %s", c.file, err, c.want)
		}
	}
	for _, broken := range []string{"[\n{\"owner\": \"Lan\",\n}]", "[\n{\"owner\":\n \"Lan\"", "[\n\n{]", "[\n{\"owner\": \"Lan\"}\n] []"} {
		_, err := intake.ReadRecords[basket]("b.json", strings.NewReader(broken))
		if err == nil || !strings.Contains(err.Error(), "b.json, line 3: This is not JSON (") {
			t.Errorf("%q: got %v, want line 3", broken, err)
		}
	}
}

func TestUnreadableFile(t *testing.T) {
	t.Parallel()
	broken := errors.New("line cut")
	_, err := intake.ReadTable("fruits.csv", io.MultiReader(strings.NewReader("name\n"), failing{broken}), []string{"name"}, func(*intake.Row) fruit { return fruit{} })
	if !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
	if _, err := intake.ReadRecords[basket]("b.json", failing{broken}); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestCount(t *testing.T) {
	t.Parallel()
	got := intake.Count(5, []bool{true, false, true})
	if want := (intake.Changes{Added: 2, Changed: 1, Unchanged: 2}); !cmp.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
