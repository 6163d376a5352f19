package ui_test

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"daubang/internal/problem"
	"daubang/internal/viet"
	"daubang/internal/words"
	"daubang/templates/ui"
)

// shown is one part, or several that stand together, under a name.
type shown struct {
	name string
	part templ.Component
}

// text is a child of parts that hold others.
func text(s string) templ.Component {
	return templ.Raw("<p class=\"govuk-body\">" + templ.EscapeString(s) + "</p>")
}

// with puts a child into a part.
func with(part templ.Component, children ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w writer) error {
		return part.Render(templ.WithChildren(ctx, templ.Join(children...)), w)
	})
}

var (
	now     = time.Date(2027, 2, 14, 9, 30, 0, 0, viet.Zone)
	closing = time.Date(2027, 2, 26, 17, 0, 0, 0, viet.Zone)
)

// gallery is every part of the package, with what real pages would give it.
func gallery(l words.Lang) []shown {
	say := func(vi, en string) string { return words.Pair{Vi: vi, En: en}.In(l) }
	all := [][]shown{openings(say), fields(say), choices(say), lists(say), tables(say), charts(say), scores(say)}
	var out []shown
	for _, some := range all {
		out = append(out, some...)
	}
	return out
}

type sayer func(vi, en string) string

func openings(say sayer) []shown {
	wrong := problem.Invalid{"problem": problem.Say("ui.count.words_max", 60), "groups": problem.Say("ui.unanswered"), "lines.10.price": problem.Say("ui.unanswered"), "lines.2.price": problem.Say("ui.unanswered")}
	return []shown{
		{"Crumbs", ui.Crumbs([]ui.Crumb{{Text: say("Đề xuất của tôi", "My proposals"), Href: "/proposals"}, {Text: say("Phòng ngừa bạo lực giới 2027", "Preventing violence 2027")}})},
		{"Heading", with(ui.Heading{Above: say("Mã hồ sơ BDG-27-0147 · Bản nháp", "Number BDG-27-0147 · Draft"), Text: say("Tiếng nói của chị em: mạng lưới ứng phó bạo lực giới ở 5 xã vùng cao", "Sisters' voices: a network against violence in five highland communes"), Lead: say("Làm từng phần, theo thứ tự bạn muốn.", "Do one part at a time, in any order.")}, ui.Tag(ui.TagDoing, say("Đang làm", "In progress")))},
		{"ErrorSummary", templ.ComponentFunc(func(ctx context.Context, w writer) error {
			return ui.Wrong(ctx, wrong, "problem", "groups").Render(ctx, w)
		})},
		{"Notice", templ.Join(
			ui.Notice{Title: say("Đợt này chưa mở.", "This call is not open yet."), Text: say("Bạn có thể đọc câu hỏi trước.", "You can read the questions already.")},
			ui.Notice{Kind: ui.NoticeDone, Text: say("Đã lưu phần này.", "This part is saved."), Live: true},
			ui.Notice{Kind: ui.NoticeWarning, Text: say("Hồ sơ này chưa nộp.", "This proposal has not been submitted.")},
			with(ui.Notice{Kind: ui.NoticeDeadline, Title: say("Trả lại để bổ sung", "Returned for completion")}, text(say("Bổ sung trước 17:00, thứ Sáu 26/02/2027.", "Complete it by 17:00, Friday 26 February 2027."))),
			ui.Notice{Kind: ui.NoticeWrong, Text: say("Thư này không gửi được.", "This letter could not be sent.")},
		)},
		{"Tag", templ.Join(ui.Tag(ui.TagPlain, say("Bản nháp", "Draft")), ui.Tag(ui.TagTodo, say("Mới nộp", "Submitted")), ui.Tag(ui.TagDoing, say("Chờ bổ sung", "Returned")), ui.Tag(ui.TagDone, say("Đủ điều kiện", "Eligible")), ui.Tag(ui.TagActive, say("Đang thẩm định", "In review")), ui.Tag(ui.TagWrong, say("Cần sửa", "To put right")), ui.Tag(ui.TagLocked, say("Chưa thể bắt đầu", "Cannot start yet")))},
		{"Columns", with(ui.Columns(say("Tình trạng hồ sơ", "State of the proposal"), templ.Join(
			with(ui.Card{}, ui.Progress{Done: 3, All: 11, Unit: say("mục", "parts"), Title: say("3 trên 11 mục đã xong", "3 of 11 parts done"), Text: say("Còn lại: dự án, ngân sách, tài liệu.", "Left: project, budget, documents.")}),
			ui.Deadline{At: closing, Now: now, Note: say("Nộp trễ hệ thống không nhận.", "Nothing is taken after that.")},
			with(ui.Card{Title: say("Làm việc thuận tiện hơn", "Made easier")}, ui.LinkList(ui.CardLink{Text: say("Mời đồng nghiệp cùng viết", "Invite colleagues to write"), Href: "/x", Small: say("2 người đang có quyền sửa", "2 people can edit"), Icon: ui.IconPeople}, ui.CardLink{Text: say("Bản in", "Print view"), Href: "/y", Icon: ui.IconPrint})),
			with(ui.Tip(say("Gợi ý viết", "Writing tips")), text(say("Bắt đầu từ người thật, việc thật ở địa bàn.", "Begin with real people and events."))),
		)), tasks(say), ui.Card{}, ui.Progress{})},
		{"UrgentColumns", with(ui.UrgentColumns(say("Thời hạn", "Deadline"), ui.Deadline{At: now, Now: closing}, with(ui.Card{}, text("…"))), text(say("Nội dung", "Main part")))},
		{"Buttons", templ.Join(
			with(ui.ButtonGroup(), ui.Button{Text: say("Lưu và tiếp tục", "Save and continue")}, ui.Button{Text: say("Lưu, làm sau", "Save for later"), Kind: ui.Secondary, Name: "later", Value: "yes", NoValidate: true}, ui.Button{Text: say("Rút đề xuất", "Withdraw proposal"), Kind: ui.Danger}, ui.LinkButton{Text: say("Xuất CSV", "Export CSV"), Href: "/x", Kind: ui.Secondary, Icon: ui.IconDownload, Little: true}, ui.TextButton{Text: say("Xoá", "Remove"), Hidden: say("dòng 1", "line 1")}),
			with(ui.ActionBar(), ui.Button{Text: say("Nộp đề xuất", "Submit proposal")}),
		)},
		{"Steps", ui.Steps(2, 5, say("Phần 2 trên 5", "Part 2 of 5"))},
		{"Confirmation", ui.Confirmation{Title: say("Đã nộp đề xuất", "Proposal submitted"), Label: say("Mã hồ sơ của bạn", "Your number"), Code: "BDG-27-0147"}},
		{"EmptyState", with(ui.EmptyState(say("Chưa có đề xuất nào", "No proposals yet"), say("Chọn một đợt đang mở để bắt đầu viết.", "Choose an open call to begin.")), ui.LinkButton{Text: say("Xem các đợt đang mở", "See open calls"), Href: "/calls"})},
		{"Details", with(ui.Details(say("Cách chấm phần này", "How this part is scored")), text(say("25 trên 100 điểm.", "25 of 100 points.")))},
	}
}

func tasks(say sayer) templ.Component {
	return ui.TaskList{
		{Title: say("Tổ chức của bạn", "Your organisation"), Done: 2, All: 3, Tasks: []ui.Task{
			{Title: say("Thông tin tổ chức", "About the organisation"), Href: "/a", Hint: say("Tên, loại hình, địa bàn, số điện thoại", "Name, kind, place, telephone"), Kind: ui.TagDone, State: say("Đã xong", "Done")},
			{Title: say("Bối cảnh và vấn đề giới", "Context and gender problem"), Href: "/b", Hint: say("Còn 2 câu chưa trả lời", "2 questions to answer"), Kind: ui.TagDoing, State: say("Đang làm", "In progress")},
			{Title: say("Hồ sơ pháp lý", "Legal papers"), Href: "/b", Hint: say("Thiếu trang 2 của quyết định thành lập", "Page 2 of the founding decision is missing"), Kind: ui.TagWrong, State: say("Cần sửa", "To put right")},
			{Title: say("Ngân sách", "Budget"), Href: "/b", Hint: say("Tối đa 800.000.000 ₫", "At most 800,000,000 ₫"), Kind: ui.TagTodo, State: say("Chưa bắt đầu", "Not started")},
		}},
		{Title: say("Kiểm tra và nộp", "Check and submit"), Tasks: []ui.Task{
			{Title: say("Nộp đề xuất", "Submit"), Hint: say("Mở khi 3 mục trên đã xong", "Opens when the 3 parts above are done"), Kind: ui.TagLocked, State: say("Chưa thể bắt đầu", "Cannot start yet")},
		}},
	}
}

func fields(say sayer) []shown {
	return []shown{
		{"Field", with(ui.Question(),
			ui.Field{Name: "name", Label: say("Họ và tên", "Full name"), Autocomplete: "name", NoSpellcheck: true},
			ui.Field{Name: "email", Label: say("Thư điện tử", "E-mail"), Hint: say("Chúng tôi gửi thư xác nhận đến đây.", "We send a letter there to check it."), Type: "email", Autocomplete: "email", NoSpellcheck: true, Value: "lan@", Wrong: say("Viết đủ địa chỉ thư, như lan@vidu.vn", "Write the whole address, such as lan@example.org")},
			ui.Field{Name: "tax", Label: say("Mã số thuế", "Tax code"), Width: 20, InputMode: "numeric", Optional: true},
			ui.MoneyField(ui.Field{Name: "grant", Label: say("Số tiền đề nghị", "Amount asked for"), Hint: say("Từ 150.000.000 ₫ đến 800.000.000 ₫", "From 150,000,000 ₫ to 800,000,000 ₫"), Value: "795.500.000"}),
			ui.DateField(ui.Field{Name: "start", Label: say("Ngày bắt đầu", "First day"), Hint: say("Ví dụ 01/06/2027", "For example 01/06/2027")}),
			ui.Field{Name: "share", Label: say("Đối ứng", "Own share"), Prefix: "≈", Suffix: "%", Width: 4, Disabled: true},
			ui.PasswordField{Name: "password", Label: say("Mật khẩu", "Password"), Hint: say("Ít nhất 12 ký tự.", "At least 12 characters."), New: true},
		)},
		{"Area", with(ui.Question(),
			ui.Area{Name: "problem", Overline: say("Câu 1", "Question 1"), Label: say("Vấn đề giới nào dự án muốn giải quyết?", "Which gender problem does the project address?"), Size: ui.Medium, Hint: say("Nêu bằng chứng ở chính địa bàn. Tối đa 60 từ.", "Give evidence from the place itself. At most 60 words."), Wrong: say("Viết ngắn lại phần vấn đề giới: đang thừa 22 từ", "Shorten the gender problem: it has 22 words too many"), MaxWords: 60, Value: "Ở 5 xã, cứ 10 chị em từng bị chồng hoặc người thân bạo lực thì chỉ 1 người tìm đến trạm y tế, công an hoặc hội phụ nữ. Đường xa, sợ tai tiếng, không nói thạo tiếng phổ thông và không biết ai đứng về phía mình là bốn lý do được nhắc nhiều nhất trong 48 cuộc trò chuyện năm 2026. Trưởng thôn thường hoà giải."},
			ui.Area{Name: "remark", Label: say("Nhận xét", "Remark"), Rows: 3, MaxChars: 500, Optional: true},
		)},
		{"FileField", with(ui.Question(),
			ui.FileField{Name: "file", Label: say("Tài liệu làm bằng chứng", "Documents as evidence"), Size: ui.Medium, Optional: true, Multiple: true, Hint: say("PDF, DOCX, JPG hoặc PNG, mỗi tệp tối đa 20 MB.", "PDF, DOCX, JPG or PNG, at most 20 MB each."), Accept: ".pdf,.docx", Above: ui.FileList{
				{Name: "Bao-cao-khao-sat-5-xa-2026.pdf", Facts: "2,4 MB", Href: "/f", Remove: "1"},
				{Name: "anh.jpg", Facts: "310 KB", Warning: say("Không quét được", "Could not be scanned")},
			}},
		)},
	}
}

func choices(say sayer) []shown {
	groups := []ui.Option{{Value: "women", Text: say("Phụ nữ và trẻ em gái bị bạo lực", "Women and girls subjected to violence")}, {Value: "minority", Text: say("Phụ nữ dân tộc thiểu số", "Ethnic-minority women"), Selected: true}, {Value: "men", Text: say("Nam giới và trẻ em trai", "Men and boys"), Hint: say("Với vai trò người cùng thay đổi", "As people who change with others")}}
	return []shown{
		{"Checkboxes", with(ui.Question(), ui.Checkboxes{Name: "groups", Overline: say("Câu 2", "Question 2"), Legend: say("Dự án hướng tới những nhóm nào?", "Whom is the project for?"), Size: ui.Medium, Hint: say("Chọn tất cả nhóm phù hợp.", "Choose all that apply."), Wrong: say("Chọn ít nhất một nhóm mà dự án hướng tới", "Choose at least one group"), Options: groups})},
		{"Radios", with(ui.Question(), ui.Radios{Name: "before", Legend: say("Tổ chức bạn đã làm việc ở địa bàn này chưa?", "Has your organisation worked there before?"), Size: ui.Medium, Options: []ui.Option{{Value: "yes", Text: say("Đã làm", "Yes"), Reveals: ui.Field{Name: "since", Label: say("Từ năm nào?", "Since which year?"), Width: 4}}, {Value: "no", Text: say("Chưa", "No"), Selected: true}}})},
		{"Inline", ui.Radios{Name: "ok", Legend: say("Bạn đã xong phần này chưa?", "Have you finished this part?"), Inline: true, Options: []ui.Option{{Value: "yes", Text: say("Đã xong", "Yes")}, {Value: "no", Text: say("Chưa, tôi sẽ quay lại", "No, I will come back")}}}},
		{"Select", ui.Select{Name: "province", Label: say("Tỉnh, thành phố", "Province"), Empty: say("Chọn một tỉnh", "Choose a province"), Options: []ui.Option{{Value: "01", Text: "Hà Nội"}, {Value: "15", Text: "Lào Cai", Selected: true}}}},
		{"Confirm", ui.Confirm{Name: "agree", Text: say("Tôi cam kết những điều trên là đúng", "I declare that the above is true"), Wrong: say("Đánh dấu ô cam kết để nộp", "Tick the declaration to submit")}},
	}
}

func lists(say sayer) []shown {
	return []shown{
		{"SummaryList", ui.SummaryList{
			{Key: say("Tên tổ chức", "Organisation"), Value: "Trung tâm Phát triển cộng đồng Sông Mây", Change: "/x"},
			{Key: say("Người ký", "Signed by"), Change: "/y", Hidden: say("người ký thay mặt", "who signs")},
			{Key: say("Địa bàn", "Places"), Value: "Tả Phời\nHợp Thành"},
			{Key: say("Trạng thái", "State"), Body: ui.Tag(ui.TagDone, say("Đã xong", "Done"))},
		}},
		{"Timeline", with(ui.Card{Title: say("Các mốc của đợt này", "Dates of this call")}, ui.Timeline{
			{What: say("Mở nhận đề xuất", "Opens"), When: "05/01/2027", State: ui.EventPast},
			{What: say("Hôm nay", "Today"), When: "14/02/2027", Note: say("Còn 12 ngày", "12 days left"), State: ui.EventNow},
			{What: say("Đóng nhận đề xuất", "Closes"), When: "17:00, 26/02/2027", Who: say("Phòng Văn hoá", "The office")},
		})},
		{"Kpi", ui.Kpi(ui.Figure{Value: "103", Label: say("đề xuất đã nộp", "proposals submitted"), Href: "/desk/proposals"}, ui.Figure{Value: "52,7", Small: say("tỷ ₫", "bn ₫"), Label: say("xin hỗ trợ", "asked for"), Note: say("gấp 3,5 lần ngân sách", "3.5 times the envelope")}, ui.Figure{Value: "148", Small: "/ 246", Label: say("phiếu chấm đã gửi", "reviews sent")}, ui.Figure{Value: "61%", Label: say("tổ chức nộp lần đầu", "first-time applicants")})},
		{"Facts", ui.Facts(false, ui.Fact{Label: say("Mức hỗ trợ", "Grant"), Value: "150–800", Small: say("triệu ₫", "million ₫")}, ui.Fact{Label: say("Thời gian", "Duration"), Value: "6–24"}, ui.Fact{Label: say("Hạn nộp", "Deadline"), Value: "26/02/2027"}, ui.Fact{Label: say("Số dự án", "Projects"), Value: "20"})},
		{"Cards", templ.Join(with(ui.Card{Title: say("Phòng ngừa bạo lực giới", "Preventing violence"), Href: "/calls/1"}, text("26/02/2027")), with(ui.Card{Kind: ui.CardPaper, Title: say("Người thẩm định chấm gì?", "What do reviewers score?"), Level: 3}, text("25/100")), ui.Flower(ui.Jade), ui.Prose(say("Dòng một\nDòng hai", "Line one\nLine two")), ui.Icon(ui.IconHelp), ui.Icon(ui.IconLock), ui.Icon(ui.IconMail), ui.Icon(ui.IconPlace), ui.Icon(ui.IconSearch), ui.Icon(ui.IconUpload), ui.Logo())},
		{"Times", templ.Join(ui.Time(closing), templ.ComponentFunc(func(ctx context.Context, w writer) error {
			_, err := w.Write([]byte("<p class=\"govuk-body\">" + ui.Bytes(ctx, 2_400_000) + " · " + ui.Bytes(ctx, 310_400) + " · " + ui.Bytes(ctx, 3) + "</p>"))
			return err
		}))},
	}
}

func tables(say sayer) []shown {
	row := func(id, title, org, province, money string, kind ui.TagKind, state string, spread ui.Spread, picked bool) templ.Component {
		return templ.Join(templ.Raw("<tr>"), ui.SelectBox(id, id, picked), templ.Raw(`<th scope="row"><a href="/p">`+templ.EscapeString(title)+"</a><small>"+id+" · "+templ.EscapeString(org)+"</small></th>"),
			with(ui.Cell(say("Tỉnh", "Province")), templ.Raw(province)), with(ui.NumberCell(say("Xin hỗ trợ", "Asked for")), templ.Raw(money)), with(ui.Cell(say("Trạng thái", "State")), ui.Tag(kind, state)), with(ui.NumberCell(say("Điểm", "Score")), spread), templ.Raw("</tr>"))
	}
	columns := []ui.Column{{Text: say("Dự án", "Project"), Sort: ui.Sort{Href: "?s=t"}}, {Text: say("Tỉnh", "Province"), Sort: ui.Sort{Href: "?s=p"}}, {Text: say("Xin hỗ trợ", "Asked for"), Numeric: true, Sort: ui.Sort{Href: "?s=m"}}, {Text: say("Trạng thái", "State")}, {Text: say("Điểm", "Score"), Numeric: true, Sort: ui.Sort{Href: "?s=d", State: ui.Descending}}}
	line := func(n, what, q, p string) templ.Component {
		return templ.Join(templ.Raw("<tr>"),
			with(ui.Cell(say("Khoản mục", "Item")), ui.Field{Name: "lines." + n + ".what", Label: say("Khoản mục", "Item") + " " + n, HideLabel: true, Value: what}),
			with(ui.Cell(say("Số lượng", "Quantity")), ui.Field{Name: "lines." + n + ".quantity", Label: say("Số lượng", "Quantity") + " " + n, HideLabel: true, InputMode: "decimal", Factor: true, Value: q}),
			with(ui.Cell(say("Đơn giá", "Price")), ui.Field{Name: "lines." + n + ".price", Label: say("Đơn giá", "Price") + " " + n, HideLabel: true, InputMode: "numeric", Factor: true, Value: p}),
			with(ui.NumberCell(say("Thành tiền", "Amount")), ui.Product("budget", 0)),
			with(ui.Cell(""), ui.RemoveRow(n, say("dòng ", "line ")+n)), templ.Raw("</tr>"))
	}
	return []shown{
		{"List", with(ui.Filtered(with(ui.Filter{Action: "/desk/proposals", Label: say("Lọc đề xuất", "Filter proposals"), Count: 2},
			ui.Field{Name: "q", Label: say("Tìm mã, tên dự án, tổ chức", "Find number, title, organisation"), Type: "search"},
			ui.Checkboxes{Name: "status", Legend: say("Trạng thái", "State"), SmallBoxes: true, Options: []ui.Option{{Value: "a", Text: say("Mới nộp (18)", "Submitted (18)"), Selected: true}, {Value: "b", Text: say("Đang thẩm định (41)", "In review (41)")}}},
		)),
			with(ui.ListHead(say("94 đề xuất", "94 proposals")), ui.LinkButton{Text: say("Xuất CSV", "Export CSV"), Href: "/x.csv", Kind: ui.Secondary, Little: true, Icon: ui.IconDownload}),
			ui.FilterChips("/desk/proposals", ui.Chip{Text: say("Mới nộp", "Submitted"), Href: "?x"}, ui.Chip{Text: "Lào Cai", Href: "?y"}),
			templ.Raw(`<form method="post" action="/x" data-select>`),
			with(ui.BulkBar(1), ui.Button{Text: say("Giao người thẩm định", "Assign reviewers"), Little: true}),
			with(ui.Table{Caption: say("94 đề xuất", "94 proposals"), CaptionHidden: true, Columns: columns, Stacked: true, Select: true},
				row("BDG-27-0093", say("Nhà an toàn lưu động trên sông", "Safe house on the river"), "Nhóm Bến Đậu", "Cà Mau", "742.000.000 ₫", ui.TagActive, say("Đang thẩm định", "In review"), ui.Spread{Low: 72, Mean: 81, High: 90, Small: say("2/3 phiếu", "2 of 3")}, true),
				row("BDG-27-0147", say("Tiếng nói của chị em: mạng lưới ứng phó bạo lực giới ở 5 xã vùng cao", "Sisters' voices"), "Trung tâm Phát triển cộng đồng Sông Mây", "Lào Cai", "795.500.000 ₫", ui.TagDoing, say("Chờ bổ sung", "Returned"), ui.Spread{None: true, Small: say("0/3 phiếu", "0 of 3")}, false),
			),
			templ.Raw("</form>"),
			ui.Pager{Previous: "?p", Next: "?n", Shown: say("1–25 trên 94", "1–25 of 94")},
		)},
		{"EditTable", with(ui.Question(), templ.Raw(`<form method="post" action="/y">`), with(ui.EditTable{
			Name: "lines", Caption: say("Ngân sách", "Budget"), Hint: say("Mỗi khoản một dòng.", "One line for each item."), Next: 3, Add: say("Thêm khoản mục", "Add an item"),
			Columns: []ui.Column{{Text: say("Khoản mục", "Item")}, {Text: say("Số lượng", "Quantity"), Numeric: true}, {Text: say("Đơn giá", "Price"), Numeric: true}, {Text: say("Thành tiền", "Amount"), Numeric: true}, {Text: say("Xoá", "Remove"), Hidden: true}},
			Blank:   line("__n__", "", "", ""),
			Foot:    templ.Join(templ.Raw(`<tr><th scope="row" colspan="3">`+say("Tổng cộng", "Total")+`</th><td class="phai num">`), ui.Sum("budget", 382_000_000, 800_000_000), templ.Raw("</td><td></td></tr>")),
		}, line("1", say("Nhóm trực", "Duty team"), "24", "12.000.000"), line("2", say("Đi lại", "Travel"), "1", "94000000")), templ.Raw("</form>"))},
	}
}

func charts(say sayer) []shown {
	states := []ui.Bar{{Label: say("Đang thẩm định", "In review"), Count: 41, Href: "?s=1"}, {Label: say("Đủ điều kiện", "Eligible"), Count: 22}, {Label: say("Chờ bổ sung", "Returned"), Count: 13}, {Label: say("Mới nộp", "Submitted"), Count: 18}, {Label: say("Không đủ điều kiện", "Ineligible"), Count: 0}}
	days := make([]ui.Bar, 14)
	for i, n := range []int64{2, 1, 3, 2, 4, 3, 5, 4, 6, 7, 9, 12, 21, 24} {
		days[i] = ui.Bar{Label: time.Date(2027, 2, 13+i, 0, 0, 0, 0, viet.Zone).Format("02/01"), Count: n}
	}
	return []shown{
		{"StackBar", ui.StackBar{Title: say("Theo trạng thái", "By state"), Bars: states}},
		{"BarTable", ui.BarTable{Title: say("Sáu tỉnh nộp nhiều nhất", "Six provinces with most proposals"), Label: say("Tỉnh", "Province"), Counts: say("Số đề xuất", "Proposals"), Bars: []ui.Bar{{Label: "Lào Cai", Count: 19}, {Label: "TP. Hồ Chí Minh", Count: 12, Href: "?p"}, {Label: "Cà Mau", Count: 0}}}},
		{"ColumnChart", ui.ColumnChart{Title: say("Số đề xuất nộp mỗi ngày", "Proposals submitted each day"), Note: say("Ngày hạn nộp tô vàng", "The closing day is yellow"), Label: say("Ngày", "Day"), Counts: say("Số đề xuất", "Proposals"), Bars: days, Mark: 13}},
		{"Empty charts", templ.Join(ui.StackBar{Title: say("Chưa có gì", "Nothing yet")}, ui.ColumnChart{Title: say("Chưa có gì cả", "Nothing at all")}, ui.BarTable{Title: say("Vẫn chưa", "Not yet"), Label: "1", Counts: "2"})},
	}
}

func scores(say sayer) []shown {
	marks := []ui.Mark{{Value: 1, Name: say("Rất yếu", "Very poor"), Anchor: say("Không có số liệu.", "No figures.")}, {Value: 2}, {Value: 3, Name: say("Đạt", "Fair")}, {Value: 4, Name: say("Tốt", "Good"), Anchor: say("Bằng chứng cụ thể ở đúng địa bàn, có nguồn; còn thiếu một vài nhóm.", "Solid evidence from the place, with sources; a few groups are missing.")}, {Value: 5}}
	criteria := []ui.Criterion{
		{Name: "c1", Title: say("Bất bình đẳng giới được chứng minh", "Inequality is proven"), Hint: say("Số liệu, lời kể, nguồn rõ ràng", "Figures, stories, clear sources"), Weight: 15, Marks: marks, Chosen: 4},
		{Name: "c2", Title: say("Tiếng nói của người trong cuộc", "The voice of those concerned"), Weight: 10, Marks: marks, Wrong: say("Chọn một mức điểm", "Choose a mark"), Comment: ui.Area{Name: "c2_comment", Label: say("Nhận xét", "Comment"), Rows: 2}},
	}
	return []shown{
		{"ScoreTable", with(ui.Card{}, templ.Raw(`<form method="post" action="/z" data-scores><div class="diem__h"><h2>`+say("Chấm điểm", "Scores")+"</h2>"), ui.ScoreTotal("12", 100), templ.Raw("</div>"), ui.ScoreTable{Caption: say("1 = rất yếu, 5 = xuất sắc.", "1 = very poor, 5 = excellent."), Criteria: criteria}, templ.Raw("</form>"))},
		{"Reading", templ.Join(
			with(ui.Queue{Done: 7, All: 18, Text: say("Bạn đã chấm xong 7 trên 18 đề xuất", "You have scored 7 of 18 proposals")}, templ.Raw("<span>12/03/2027</span>")),
			with(ui.SideBySide(say("Chấm điểm", "Scores"), with(ui.Document{Label: say("Nội dung đề xuất", "The proposal"), Parts: []ui.Part{{ID: "part-1", Text: say("Bối cảnh", "Context")}, {ID: "part-2", Text: say("Mục tiêu", "Aims")}}},
				templ.Raw(`<h2 id="part-1">`+say("Bối cảnh", "Context")+"</h2><h3>"+say("Vấn đề giới nào?", "Which problem?")+`</h3><p class="van">`+say("Trên hai nhánh sông có 312 hộ sống hoàn toàn trên ghe.", "On two arms of the river 312 households live on boats.")+`</p><h2 id="part-2">`+say("Mục tiêu", "Aims")+"</h2>"))),
				text(say("Chọn một mức cho mỗi tiêu chí.", "Choose a mark for each criterion."))),
		)},
		{"AnchorsTable", ui.AnchorsTable(criteria[:1])},
	}
}
