package words_test

import (
	"testing"

	"daubang/internal/problem"
	"daubang/internal/words"
)

func TestSay(t *testing.T) {
	t.Parallel()
	ctx := words.With(t.Context(), words.En)
	pair := words.Pair{Vi: "Đề xuất", En: "Proposal"}
	for _, v := range []struct{ got, want string }{
		{words.Tr(t.Context(), "frame.error_title", "Đăng nhập"), "Lỗi: Đăng nhập"}, // Vietnamese is what one gets unasked
		{words.Tr(ctx, "frame.error_title", "Sign in"), "Error: Sign in"},
		{words.Tr(ctx, "frame.error_title", pair), "Error: Proposal"},
		{words.T(words.Vi, "frame.error_title", pair), "Lỗi: Đề xuất"},
		{words.Say(words.En, problem.Say("frame.error_title", problem.Say("frame.name"))), "Error: Dấu Bằng"},
		{words.T(words.En, "frame.error_title", "{0} {1} {x}"), "Error: {0} {1} {x}"}, // what is typed is not filled again
		{words.T(words.Vi, "frame.no_such_key", 1), "[frame.no_such_key]"},
		{words.Pair{Vi: "Chỉ tiếng Việt"}.In(words.En), "Chỉ tiếng Việt"},
		{string(words.Pick("en")), "en"},
		{string(words.Pick("fr")), "vi"},
		{string(words.Pick("")), "vi"},
	} {
		if v.got != v.want {
			t.Errorf("got %q, want %q", v.got, v.want)
		}
	}
}
