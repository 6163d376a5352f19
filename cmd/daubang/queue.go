package main

import "context"

// workQueue works jobs until ctx is done.
func (p *portal) workQueue(ctx context.Context) error {
	<-ctx.Done()
	return nil
}
