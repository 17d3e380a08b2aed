package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"taskbridge/bot/chat"
)

type oneSummary struct{ Body chat.SummaryView }

func (a *API) registerDesk(api huma.API) {
	huma.Register(api, operation(huma.Operation{
		OperationID: "list-contractors", Method: http.MethodGet, Path: "/contractors",
		Summary: "List contractors by city and company",
	}), a.listContractors)
	huma.Register(api, operation(huma.Operation{
		OperationID: "get-summary", Method: http.MethodGet, Path: "/summary",
		Summary: "Get the desk in figures", Errors: []int{http.StatusNotFound},
	}), a.getSummary)
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
	Period     string    `query:"period" enum:"today,week,month" default:"today" doc:"What created and closed count: since midnight (UTC), in seven days, in thirty days."`
	Since      time.Time `query:"since" doc:"What created and closed count, to the moment; it goes before period."`
	Contractor string    `query:"contractor" maxLength:"200" doc:"Only this contractor's figures, by id or name."`
},
) (*oneSummary, error) {
	since := in.Since
	if since.IsZero() {
		since = start(in.Period, a.now())
	}
	summary, err := a.reader.Summary(ctx, since, in.Contractor)
	if err != nil {
		return nil, a.failedRead(ctx, "contractor", err)
	}
	for _, figures := range []*map[string]int{&summary.Issues, &summary.Assignments, &summary.LiesWith} {
		if *figures == nil {
			*figures = map[string]int{}
		}
	}
	return &oneSummary{Body: summary}, nil
}

// start is when a period that ends now began.
func start(period string, now time.Time) time.Time {
	midnight := now.UTC().Truncate(24 * time.Hour)
	switch period {
	case "week":
		return midnight.AddDate(0, 0, -6)
	case "month":
		return midnight.AddDate(0, 0, -29)
	default:
		return midnight
	}
}
