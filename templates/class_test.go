package templates_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// unruled are classes of govuk-frontend that say what a thing is and have no rule
// of their own.
var unruled = map[string]bool{
	"govuk-checkboxes": true, "govuk-radios": true, "govuk-password-input": true, "govuk-notification-banner": true,
	"govuk-js-password-input-toggle": true, "govuk-js-password-input-input": true,
}

// Rules that no page needs are left out of the style sheet (web/build/build.mjs):
// a class that a page names is in it.
func TestClassesAreInTheStyleSheet(t *testing.T) {
	t.Parallel()
	css, err := os.ReadFile("../web/static/portal.css")
	if err != nil {
		t.Fatal(err)
	}
	ruled := maps.Clone(unruled)
	for _, m := range regexp.MustCompile(`\.(govuk-[\w-]+)`).FindAllSubmatch(css, -1) {
		ruled[string(m[1])] = true
	}
	pages, err := filepath.Glob("*.templ")
	if err != nil {
		t.Fatal(err)
	}
	parts, err := filepath.Glob("ui/*.templ")
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, name := range append(pages, parts...) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, class := range regexp.MustCompile(`govuk-\w[\w-]*`).FindAllString(string(text), -1) {
			named++
			if !strings.HasSuffix(class, "--") && !ruled[class] && !strings.HasSuffix(class, "-") {
				t.Errorf("%s: %s is in no rule of portal.css", name, class)
			}
		}
	}
	if named < 200 {
		t.Errorf("only %d classes were found", named)
	}
}
