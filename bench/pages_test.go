package bench

import (
	"net/url"
	"regexp"
	"strings"

	"daubang/internal/ref"
)

// page is one of the portal's pages, in any world.
type page struct {
	name string
	of   func(*world) request
	list bool // a long list: it is held to its indexes, and to cost the same at any volume
}

// pages are the pages of the main job, by whom they are read.
var pages = []page{
	{name: "start", of: func(*world) request { return request{address: "/"} }},
	{name: "calls", of: func(*world) request { return request{address: "/calls"} }},
	{name: "call", of: func(w *world) request { return request{address: "/calls/" + w.call.String()} }},
	{name: "form before sign-in", of: func(w *world) request { return request{address: "/calls/" + w.call.String() + "/form"} }},
	{name: "eligibility before sign-in", of: func(w *world) request { return request{address: "/calls/" + w.call.String() + "/eligibility"} }},
	{name: "programmes", of: func(*world) request { return request{address: "/programmes"} }},
	{name: "my proposals", list: true, of: func(w *world) request { return request{who: w.head, address: "/proposals"} }},
	{name: "task list", of: func(w *world) request { return request{who: w.draftHead, address: w.drafted("")} }},
	{name: "section", of: func(w *world) request {
		return request{who: w.draftHead, address: w.drafted("/sections/problem")}
	}},
	{name: "check answers", of: func(w *world) request { return request{who: w.draftHead, address: w.drafted("/check")} }},
	{name: "sent proposal", of: func(w *world) request { return request{who: w.head, address: "/proposals/" + ref.Of(w.proposal)} }},
	{name: "history", of: func(w *world) request {
		return request{who: w.head, address: "/proposals/" + ref.Of(w.proposal) + "/history"}
	}},
	{name: "receipt", of: func(w *world) request {
		return request{who: w.twiceHead, address: "/proposals/" + w.twice.String() + "/receipt"}
	}},
	{name: "PDF of a draft", of: func(w *world) request { return request{who: w.draftHead, address: w.drafted(".pdf")} }},
	{name: "PDF of a sent proposal", of: func(w *world) request {
		return request{who: w.head, address: "/proposals/" + ref.Of(w.proposal) + ".pdf"}
	}},
	{name: "PDF for a reviewer", of: func(w *world) request {
		return request{who: w.reviewer, address: "/proposals/" + ref.Of(w.read) + ".pdf"}
	}},
	{name: "versions compared", of: func(w *world) request {
		return request{who: w.twiceHead, address: "/proposals/" + w.twice.String() + "/compare"}
	}},
	{name: "versions compared at the desk", of: func(w *world) request {
		return request{who: w.officer, address: "/proposals/" + w.twice.String() + "/compare"}
	}},
	{name: "versions of a section", of: func(w *world) request {
		return request{who: w.draftHead, address: w.drafted("/sections/problem/versions")}
	}},
	{name: "section with a table", of: func(w *world) request { return request{who: w.draftHead, address: w.drafted("/sections/budget")} }},
	{name: "table as a file", of: func(w *world) request {
		return request{who: w.draftHead, address: w.drafted("/sections/budget/tables/budget.xlsx")}
	}},
	{name: "table import", of: func(w *world) request {
		return request{who: w.draftHead, address: w.drafted("/sections/budget/tables/budget/import")}
	}},
	{name: "table import: what would change", of: func(w *world) request {
		rows := strings.Repeat("Nước uống\t3\t5.000\n", 30)
		return request{w.draftHead, w.drafted("/sections/budget/tables/budget/import"), url.Values{"pasted": {"Khoản chi\tSố lượng\tĐơn giá (đồng)\n" + rows}, "way": {"append"}}}
	}},
	{name: "documents", of: func(w *world) request { return request{who: w.draftHead, address: w.drafted("/documents")} }},
	{name: "messages", of: func(w *world) request {
		return request{who: w.talker, address: "/proposals/" + ref.Of(w.talked) + "/messages"}
	}},
	{name: "messages at the desk", of: func(w *world) request {
		return request{who: w.officer, address: "/proposals/" + ref.Of(w.talked) + "/messages"}
	}},
	{name: "public questions", of: func(w *world) request { return request{address: "/calls/" + w.open.String() + "/questions"} }},
	{name: "together", of: func(w *world) request { return request{who: w.draftHead, address: w.drafted("/co-applicants")} }},
	{name: "a section given to somebody", of: func(w *world) request {
		return request{who: w.draftHead, address: w.drafted("/sections/problem/assign")}
	}},
	{name: "whose proposal it is", of: func(w *world) request { return request{who: w.draftHead, address: w.drafted("/responsible")} }},
	{name: "changes of the form", of: func(w *world) request { return request{who: w.draftHead, address: w.drafted("/form-changes")} }},
	{name: "passport", of: func(w *world) request {
		return request{who: w.draftHead, address: "/organisations/" + ref.Of(w.group) + "/passport"}
	}},
	{name: "organisation", of: func(w *world) request { return request{who: w.draftHead, address: "/organisations/" + ref.Of(w.group)} }},
	{name: "members", of: func(w *world) request {
		return request{who: w.draftHead, address: "/organisations/" + ref.Of(w.group) + "/members"}
	}},
	{name: "account", of: func(w *world) request { return request{who: w.draftHead, address: "/account"} }},
	{name: "desk: questions about a call", of: func(w *world) request {
		return request{who: w.officer, address: "/desk/calls/" + w.open.String() + "/questions"}
	}},
	{name: "desk: extensions of a call", of: func(w *world) request {
		return request{who: w.officer, address: "/desk/calls/" + w.open.String() + "/extensions"}
	}},
	{name: "desk: form builder, a section", of: func(w *world) request {
		return request{who: w.officer, address: "/desk/calls/" + w.open.String() + "/form/section?section=problem"}
	}},
	{name: "desk: form builder, a question", of: func(w *world) request {
		return request{who: w.officer, address: "/desk/calls/" + w.open.String() + "/form/question?section=problem&question=gender_analysis"}
	}},
	{name: "desk: form builder, preview", of: func(w *world) request {
		return request{who: w.officer, address: "/desk/calls/" + w.open.String() + "/form/preview"}
	}},
	{name: "desk: form builder, the page in the preview", of: func(w *world) request {
		return request{who: w.officer, address: "/desk/calls/" + w.open.String() + "/form/preview/page?section=budget"}
	}},
	{name: "desk: form builder, groups", of: func(w *world) request {
		return request{who: w.officer, address: "/desk/calls/" + w.open.String() + "/form/groups"}
	}},
	{name: "desk: form builder, import", of: func(w *world) request {
		return request{who: w.officer, address: "/desk/calls/" + w.open.String() + "/form/import"}
	}},
	{name: "desk: form in use", of: func(w *world) request {
		return request{who: w.officer, address: "/desk/calls/" + w.open.String() + "/form/use"}
	}},
	{name: "desk: an organisation", of: func(w *world) request {
		return request{who: w.officer, address: "/desk/organisations/" + ref.Of(w.group)}
	}},
	{name: "desk", of: func(w *world) request { return request{who: w.officer, address: "/desk"} }},
	{name: "desk: files held back", of: func(w *world) request { return request{who: w.officer, address: "/desk/quarantine"} }},
	{name: "desk: calls", list: true, of: func(w *world) request { return request{who: w.officer, address: "/desk/calls"} }},
	{name: "desk: a call", of: func(w *world) request { return request{who: w.officer, address: "/desk/calls/" + w.call.String()} }},
	{name: "desk: a call's form", of: func(w *world) request {
		return request{who: w.officer, address: "/desk/calls/" + w.call.String() + "/form"}
	}},
	{name: "desk: a proposal", of: func(w *world) request { return request{who: w.officer, address: "/desk/proposals/" + ref.Of(w.judged)} }},
	{name: "desk: reviewers of a proposal", of: func(w *world) request {
		return request{who: w.officer, address: "/desk/proposals/" + ref.Of(w.judged) + "/reviewers"}
	}},
	{name: "desk: ranking of a call", of: func(w *world) request {
		return request{who: w.officer, address: "/desk/calls/" + w.call.String() + "/decisions"}
	}},
	{name: "reviews: to do", list: true, of: func(w *world) request { return request{who: w.reviewer, address: "/reviews?tray=to_do"} }},
	{name: "reviews: done", list: true, of: func(w *world) request { return request{who: w.reviewer, address: "/reviews?tray=done"} }},
	{name: "review sheet", of: func(w *world) request { return request{who: w.reviewer, address: "/reviews/" + ref.Of(w.assignment)} }},
	deskList("list", ""),
	deskList("list by score", "sort=score"),
	deskList("list by amount", "sort=amount"),
	deskList("list by title", "sort=title"),
	deskList("list of a call", "call=CALL"),
	deskList("list of a call by score", "call=CALL&sort=score"),
	deskList("list of a status", "status=in_review"),
	deskList("list of a call and two statuses", "call=CALL&status=approved&status=declined&sort=amount"),
	deskList("list of a province", "province=01"),
	deskList("search: a reference", "q=REFERENCE"),
	deskList("search: words of a title", "q=TITLE"),
	deskList("search: a common word", "q=bao+luc"),
	deskList("search: nothing found", "q=khong+co+dau"),
}

// drafted is an address beneath the draft.
func (w *world) drafted(rest string) string { return "/proposals/" + ref.Of(w.draft) + rest }

func deskList(name, query string) page {
	return page{name: "desk: " + name, list: true, of: func(w *world) request {
		values := map[string]string{"CALL": w.call.String(), "REFERENCE": url.QueryEscape(w.sample.Reference), "TITLE": url.QueryEscape(w.sample.Title)}
		return request{who: w.officer, address: "/desk/proposals?" + regexp.MustCompile(`[A-Z]+`).ReplaceAllStringFunc(query, func(s string) string { return values[s] })}
	}}
}
