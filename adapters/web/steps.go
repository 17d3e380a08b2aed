package web

import (
	"net/http"
	"strconv"
	"strings"

	"taskbridge/bot/chat"
)

// maxStepFields bounds how many steps are read from a form.
const maxStepFields = 40

type stepsPage struct {
	frame
	chat.StepsPage

	Token string
	// Columns are the customer statuses with their steps.
	Columns []stepColumn
	// New is what was typed for another step.
	New         chat.StepPage
	Wrong, Done string
}

type stepColumn struct {
	chat.Option

	Steps []stepView
}

type stepView struct {
	chat.StepPage

	N       int
	Choices []chat.Option
	Remove  bool
}

// serveSteps shows which step stands for what a customer sees.
func (a *Adapter) serveSteps(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := a.stepsPage(r, v)
	if err != nil {
		return err
	}
	if r.URL.Query().Get("saved") != "" {
		p.Done = v.in.Say("The steps are saved.")
	}
	p.sort(p.Steps, nil)
	a.page(w, r, v.in, http.StatusOK, "steps", p)
	return nil
}

func (a *Adapter) stepsPage(r *http.Request, v *visit) (stepsPage, error) {
	steps, err := a.cfg.Pages.StepsPage(r.Context(), a.viewer(v))
	if err != nil {
		return stepsPage{}, err
	}
	p := stepsPage{StepsPage: steps, Token: steps.Form.Token}
	p.frame, err = a.deskFrame(r.Context(), v, "steps", v.in.Say("Steps for customers"))
	return p, err
}

// sort puts steps under the statuses that they stand for. Their order stays.
func (p *stepsPage) sort(steps []chat.StepPage, removed map[int]bool) {
	p.Columns = nil
	for _, status := range p.Statuses {
		c := stepColumn{Option: status}
		for n, s := range steps {
			if s.Status == status.Value {
				c.Steps = append(c.Steps, stepView{StepPage: s, N: n, Choices: p.Statuses, Remove: removed[n]})
			}
		}
		p.Columns = append(p.Columns, c)
	}
}

// serveStepsChange takes the page's form as the settings' own form of steps: it is the
// same inbound, with the lines that somebody would have typed there.
func (a *Adapter) serveStepsChange(w http.ResponseWriter, r *http.Request, v *visit) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	p, err := a.stepsPage(r, v)
	if err != nil {
		return err
	}
	steps, removed := stepsSent(r)
	p.New = chat.StepPage{Name: strings.TrimSpace(r.PostFormValue("new-name")), Icon: strings.TrimSpace(r.PostFormValue("new-icon")), Status: r.PostFormValue("new-status")}
	text, token := stepLines(steps, removed, p.New), r.PostFormValue("token")
	if token == "" {
		return refuse(http.StatusForbidden, "This form was not made by taskbridge. Nothing was changed.")
	}
	key := "form " + digest(strings.Join([]string{v.ID, token, once(r), text}, "\x00"))
	answer, err := a.handle(r.Context(), v, "", key, chat.Submitted{Token: token, Values: map[string]string{"steps": text}})
	if err != nil {
		return err
	}
	wrong := answer.FieldErrors["steps"]
	if wrong == "" && answer.Refused != "" {
		wrong = strings.TrimSpace(answer.Message.Title + " " + answer.Message.Text.String())
	}
	if wrong == "" {
		//nolint:gosec // The address begins with our own path.
		http.Redirect(w, r, v.base+"/steps?saved=1", http.StatusSeeOther)
		return nil
	}
	p.Wrong = wrong
	// What was chosen stays, and so does what it was chosen from: the token says which
	// steps were shown.
	p.Token = token
	p.sort(steps, removed)
	a.page(w, r, v.in, http.StatusUnprocessableEntity, "steps", p)
	return nil
}

// stepsSent reads the steps of the form, in their order, and which are to go.
func stepsSent(r *http.Request) (steps []chat.StepPage, removed map[int]bool) {
	removed = map[int]bool{}
	for n := range maxStepFields {
		at := "-" + strconv.Itoa(n)
		name := r.PostFormValue("name" + at)
		if name == "" {
			break
		}
		removed[n] = r.PostFormValue("remove"+at) != ""
		steps = append(steps, chat.StepPage{
			Name: name, Icon: r.PostFormValue("icon" + at), Status: r.PostFormValue("status" + at),
			OwnName: r.PostFormValue("own-name"+at) != "", OwnIcon: r.PostFormValue("own-icon"+at) != "", Standard: r.PostFormValue("standard"+at) != "",
		})
	}
	return steps, removed
}

// stepLines writes steps as people type them into the form of the settings, a line each.
func stepLines(steps []chat.StepPage, removed map[int]bool, more chat.StepPage) string {
	plain := strings.NewReplacer("|", "/", "\n", " ", "\r", " ")
	var out []string
	line := func(s chat.StepPage) {
		parts := []string{plain.Replace(s.Name), plain.Replace(s.Icon), plain.Replace(s.Status)}
		if s.OwnName {
			parts = append(parts, "own name")
		}
		if s.OwnIcon {
			parts = append(parts, "own icon")
		}
		out = append(out, strings.Join(parts, " | "))
	}
	for n, s := range steps {
		if !removed[n] {
			line(s)
		}
	}
	if more.Name+more.Icon != "" {
		more.OwnName = true
		line(more)
	}
	return strings.Join(out, "\n")
}
