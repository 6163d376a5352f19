package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/inquiry"
	"daubang/internal/message"
	"daubang/internal/pg"
	"daubang/internal/proposal"
)

// talk has the cast ask about the open call, and write about two proposals under
// it; one question and one message still wait for the office.
func (c *cast) talk(ctx context.Context, tx pgx.Tx, now time.Time) error {
	on := c.calls["HN-BLG-27"]
	answered, err := inquiry.Ask(ctx, tx, c.at(now, -5, "mai"), on, "Nhóm chúng tôi chưa có con dấu riêng. Ủy ban nhân dân phường có thể ký xác nhận thay được không?")
	if err != nil {
		return err
	}
	if err := inquiry.Settle(ctx, tx, c.at(now, -4, "ha"), answered, inquiry.Reply{
		Kind: string(inquiry.Public), PublicText: "Tổ chức chưa có con dấu riêng thì ai ký xác nhận?",
		Text: "Người đại diện theo pháp luật ký là đủ. Nếu tổ chức chưa có con dấu, đính kèm giấy xác nhận của Ủy ban nhân dân phường nơi đặt trụ sở.",
	}); err != nil {
		return err
	}
	if _, err := inquiry.Ask(ctx, tx, c.at(now, -1, "lan"), on, "Chi phí đi lại của người tham gia câu lạc bộ có được tính vào ngân sách không?"); err != nil {
		return err
	}
	var last message.ID // of each thread, as who answers saw it
	for _, m := range []struct {
		head, by, text string
		day            int
	}{
		{"dao", "dao", "Chúng tôi vừa đổi số tài khoản ngân hàng. Có cần nộp lại giấy xác nhận không?", -3},
		{"dao", "ha", "Chưa cần. Khi ký thỏa thuận, tổ chức gửi giấy xác nhận tài khoản mới là được.", -2},
		{"mai", "mai", "Xin hỏi khi nào có kết quả kiểm tra điều kiện?", -1},
	} {
		id, err := pg.Value[proposal.ID](ctx, tx, `
			select id from visible.proposals($1) where call_id = $2 and view = 'applicant' and submitted_at is not null order by id limit 1`, c.people[m.head], on)
		if err != nil {
			return fmt.Errorf("the proposal of %s: %w", m.head, err)
		}
		if last, err = message.Send(ctx, tx, c.at(now, m.day, m.by), id, last, m.text); err != nil {
			return fmt.Errorf("message of %s: %w", m.by, err)
		}
	}
	return nil
}
