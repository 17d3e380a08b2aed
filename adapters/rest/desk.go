package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"taskbridge/bot/chat"
)

type (
	oneSummary struct{ Body chat.SummaryView }
	oneScore   struct{ Body chat.ScoreView }
)

func (a *API) registerDesk(api huma.API) {
	huma.Register(api, operation(huma.Operation{
		OperationID: "list-contractors", Method: http.MethodGet, Path: "/contractors",
		Summary: "List contractors by city and company",
	}), a.listContractors)
	huma.Register(api, operation(huma.Operation{
		OperationID: "get-summary", Method: http.MethodGet, Path: "/summary",
		Summary: "Get the desk in figures", Errors: []int{http.StatusNotFound},
	}), a.getSummary)
	huma.Register(api, operation(huma.Operation{
		OperationID: "get-score", Method: http.MethodGet, Path: "/contractors/{id}/score",
		Summary: "Get how a contractor does", Errors: []int{http.StatusNotFound},
	}), a.getScore)
}

func (a *API) listContractors(ctx context.Context, in *struct{ Page }) (*listed[chat.ContractorView], error) {
	contractors, err := a.reader.Contractors(ctx)
	if err != nil {
		return nil, a.failedRead(ctx, "contractor", err)
	}
	id := func(v chat.ContractorView) string { return v.ID }
	return cut(from(contractors, in.After, id), in.Limit, id), nil
}

func (a *API) getSummary(ctx context.Context, in *struct {
	Period     string    `query:"period" enum:"today,week,month" default:"today" doc:"What is counted by time: the desk's present day, seven days, thirty days."`
	Since      time.Time `query:"since" doc:"The first day of what is counted by time, by any moment of it; it goes before period."`
	Until      time.Time `query:"until" doc:"The last day of it; without it, today."`
	Contractor string    `query:"contractor" maxLength:"200" doc:"Only this contractor's figures, by id or name."`
},
) (*oneSummary, error) {
	summary, err := a.reader.Summary(ctx, chat.SummaryQuery{Period: in.Period, Since: in.Since, Until: in.Until, Contractor: in.Contractor})
	if err != nil {
		return nil, a.failedRead(ctx, "contractor", err)
	}
	for _, figures := range []*map[string]int{
		&summary.Issues, &summary.Assignments, &summary.LiesWith,
		&summary.DeclineReasons, &summary.Ratings, &summary.Before.DeclineReasons, &summary.Before.Ratings,
	} {
		if *figures == nil {
			*figures = map[string]int{}
		}
	}
	return &oneSummary{Body: summary}, nil
}

func (a *API) getScore(ctx context.Context, in *struct {
	ID string `path:"id" maxLength:"200" doc:"The contractor's id or name."`
},
) (*oneScore, error) {
	score, err := a.reader.Score(ctx, in.ID)
	if err != nil {
		return nil, a.failedRead(ctx, "contractor", err)
	}
	for _, figures := range []*map[string]int{
		&score.Assignments, &score.DeclineReasons, &score.Ratings, &score.Before.DeclineReasons, &score.Before.Ratings,
	} {
		if *figures == nil {
			*figures = map[string]int{}
		}
	}
	return &oneScore{Body: score}, nil
}
