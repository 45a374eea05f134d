package main

import (
	"cmp"

	"causeway/internal/wiring"
)

type preflightCommand struct {
	Name string `arg:"" help:"The account's name."`
}

func (c *preflightCommand) Run(s *session) error {
	return s.with(needs{keys: true}, func(p *wiring.Parts) error {
		answer, err := p.Admin.CheckReadiness(s.ctx, c.Name)
		if err != nil {
			return err
		}
		err = s.answer(answer, func(t *table) {
			t.row("CHECK", "RESULT", "MESSAGE", "TO MEND IT")
			for _, f := range answer.Findings {
				result := "ok"
				switch {
				case f.Skipped:
					result = "not tested"
				case !f.OK:
					result = "not ok"
				}
				t.row(f.Check, result, f.Message, cmp.Or(f.Fix, " "))
			}
		})
		if err == nil && !answer.OK {
			err = answeredError(exitFailures)
		}
		return err
	})
}
