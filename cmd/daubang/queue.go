package main

import (
	"context"
	"time"

	"daubang/internal/mail"
	"daubang/internal/scan"
	"daubang/internal/work"
)

// workQueue works jobs until ctx is done. Without a mail server letters are
// worded and wait in the outbox.
func (p *portal) workQueue(ctx context.Context) error {
	secret, err := p.conf.SecretKey()
	if err != nil {
		return err
	}
	var sender *mail.Sender
	if p.conf.SMTP.Host != "" {
		sender = mail.New(p.conf.SMTP, p.conf.MailFrom)
		defer sender.Close()
	}
	files, err := p.files()
	if err != nil {
		return err
	}
	defer func() { _ = files.Close() }() // a directory
	var scanner *scan.Client
	if p.conf.ClamAV != "" {
		scanner = &scan.Client{Address: p.conf.ClamAV}
	}
	return work.Run(ctx, work.Options{
		DB: p.db, Sender: sender, Files: files, Scanner: scanner, BaseURL: p.conf.BaseURL, Secret: []byte(secret), Log: p.log, Now: time.Now,
	})
}
