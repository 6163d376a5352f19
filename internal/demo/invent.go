package demo

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Made-up names and texts: common Vietnamese names in about the shares they
// have, and projects of the kind the programmes ask for. Whoever is really
// called so is not meant.

var (
	families = weighted{{"Nguyễn", 38}, {"Trần", 12}, {"Lê", 10}, {"Phạm", 7}, {"Hoàng", 5}, {"Huỳnh", 5}, {"Vũ", 4}, {"Võ", 4}, {"Phan", 4}, {"Đặng", 3}, {"Bùi", 2}, {"Đỗ", 2}, {"Hồ", 1}, {"Lò", 1}, {"Giàng", 1}, {"Y", 1}}
	middles  = []string{"Thị", "Thị", "Thị Thu", "Thị Ngọc", "Thị Thanh", "Thị Kim", "Văn", "Văn", "Đức", "Minh", "Hữu", "Ngọc", "Thanh", "Quốc"}
	givens   = []string{"An", "Ánh", "Bình", "Chi", "Dung", "Dũng", "Đạt", "Điệp", "Giang", "Hà", "Hải", "Hạnh", "Hằng", "Hiền", "Hoa", "Hòa", "Huệ", "Hùng", "Hương", "Khánh", "Lan", "Liên", "Linh", "Loan", "Mai", "Minh", "Mỹ", "Nam", "Nga", "Ngân", "Oanh", "Phúc", "Phương", "Quý", "Sơn", "Tâm", "Thảo", "Thủy", "Trang", "Tuyết", "Uyên", "Vân", "Xuân", "Yến"}

	kinds = weighted{{"womens_union", 30}, {"commune", 16}, {"cooperative", 14}, {"association", 12}, {"community_group", 8}, {"mass_organisation", 7}, {"public_unit", 6}, {"enterprise", 4}, {"fund", 2}, {"foreign_ngo", 1}}
	names = map[string]string{
		"womens_union": "Hội Liên hiệp Phụ nữ %s", "commune": "Ủy ban nhân dân %s", "cooperative": "Hợp tác xã %[2]s %[1]s", "association": "Hội %[2]s %[1]s",
		"community_group": "Nhóm cộng đồng %[2]s %[1]s", "mass_organisation": "Đoàn Thanh niên %s", "public_unit": "Trung tâm %[2]s %[1]s",
		"enterprise": "Công ty %[2]s %[1]s", "fund": "Quỹ %[2]s %[1]s", "foreign_ngo": "Tổ chức %[2]s tại %[1]s",
	}
	callings = []string{"Ban Mai", "Hoa Ban", "Sông Xanh", "Bến Đậu", "Nắng Mới", "Hương Quế", "Sao Khuê", "Đồng Tâm", "Mây Ngàn", "Hạt Mầm", "Cỏ May", "Sen Hồng", "Thổ Cẩm", "Bình Minh", "Tre Xanh", "Ngọc Lan"}

	deeds  = []string{"Mạng lưới", "Câu lạc bộ", "Đường dây", "Lớp học tối", "Quỹ quay vòng", "Nhà an toàn", "Tổ hợp tác", "Truyền thông", "Tập huấn", "Mô hình thí điểm", "Phiên chợ", "Góc tư vấn"}
	themes = []string{"ứng phó bạo lực giới", "khởi nghiệp của phụ nữ", "nam giới cùng chăm con", "kế hoạch an toàn", "quyền của lao động nữ", "nữ lãnh đạo thôn bản", "sức khỏe vị thành niên", "kỹ năng số", "chia sẻ việc nhà", "phòng ngừa mua bán người", "pháp luật về bình đẳng giới", "sinh kế từ thổ cẩm"}
	groups = []string{"phụ nữ dân tộc thiểu số", "phụ nữ khuyết tật", "công nhân nhà trọ", "phụ nữ đơn thân", "thanh niên vùng cao", "phụ nữ di cư", "hộ nghèo", "cán bộ nữ cấp xã", "học sinh nội trú", "người cha trẻ"}
	proofs = []string{"Qua %d cuộc trò chuyện ở thôn, phần lớn phụ nữ nói họ làm việc nhà trên năm giờ mỗi ngày.", "Trong %d hộ được hỏi, chưa đến một phần ba phụ nữ cùng đứng tên trên giấy tờ đất.", "Có %d phụ nữ đã tìm đến tổ tư vấn của xã trong năm qua, nhưng phần lớn đến khi việc đã rồi.", "Danh sách của xã có %d lao động nữ làm thuê không hợp đồng."}
	ways   = []string{"Nhóm nòng cốt gồm %d người tại chỗ họp mỗi tháng, có người ghi sổ và người trực điện thoại.", "Mỗi quý tổ chức %d buổi ở nhà văn hóa thôn, bằng tiếng Kinh và tiếng dân tộc.", "Chúng tôi mời %d người cha cùng tham gia, vì thay đổi phải từ cả hai phía.", "Sau mỗi đợt, %d hộ được thăm lại để nghe điều gì đã khác."}
)

// feedback is what reviewers write to applicants.
var feedback = []string{
	"Đề xuất rõ việc, cần nêu kỹ hơn ai theo dõi số liệu.",
	"Phân tích giới có số liệu tại chỗ; tiến độ quý đầu hơi dày.",
	"Nên nói rõ hơn phụ nữ trong nhóm có quyền quyết định việc gì.",
	"Ngân sách hợp lý. Cần người dự phòng khi người trực điện thoại nghỉ.",
}

// weighted is a choice whose parts have their shares.
type weighted []struct {
	value string
	share int
}

func (w weighted) pick(r *rand.Rand) string {
	sum := 0
	for _, p := range w {
		sum += p.share
	}
	n := r.IntN(sum)
	for _, p := range w {
		if n -= p.share; n < 0 {
			return p.value
		}
	}
	return w[0].value
}

func one(r *rand.Rand, of []string) string { return of[r.IntN(len(of))] }

// personName is a family, a middle and a given name.
func personName(r *rand.Rand) string {
	return families.pick(r) + " " + one(r, middles) + " " + one(r, givens)
}

// organisationName names an organisation of a kind in a place.
func organisationName(r *rand.Rand, kind, place string) string {
	pattern := names[kind]
	if !strings.Contains(pattern, "[2]") {
		return fmt.Sprintf(pattern, place)
	}
	return fmt.Sprintf(pattern, place, one(r, callings))
}

// title names a project.
func title(r *rand.Rand, place string) string {
	return fmt.Sprintf("%s %s cho %s ở %s", one(r, deeds), one(r, themes), one(r, groups), place)
}

// paragraph is some sentences of what a proposal says.
func paragraph(r *rand.Rand) string {
	return fmt.Sprintf(one(r, proofs), 20+r.IntN(300)) + " " + fmt.Sprintf(one(r, ways), 3+r.IntN(20))
}
