package rest

import (
	"errors"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gorilla/mux"

	"taskbridge/bot/chat"
)

const filePath = "/files/{digest}"

// plainType is the media type of anything.
const plainType = "application/octet-stream"

// registerFiles serves contents. They are streams with ranges, which the API's own
// answers are not; only the description is made by the same means.
func (a *API) registerFiles(spec huma.API) {
	op := huma.Operation{
		OperationID: "get-file", Method: http.MethodGet, Path: Prefix + filePath,
		Summary:     "Read the content of a file that a comment lists",
		Description: "Always as an attachment, and never as a page or a script whatever its type. Ranges and If-None-Match are understood.",
		Security:    []map[string][]string{{securityScheme: {}}},
		Parameters: []*huma.Param{{
			Name: "digest", In: "path", Required: true,
			Schema: &huma.Schema{Type: huma.TypeString, Pattern: "^[0-9a-f]{64}$"},
		}},
		Responses: map[string]*huma.Response{"200": {
			Description: "The content",
			Content:     map[string]*huma.MediaType{"*/*": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
		}},
	}
	for _, status := range []int{http.StatusUnauthorized, http.StatusNotFound, http.StatusInternalServerError} {
		op.Responses[strconv.Itoa(status)] = &huma.Response{
			Description: http.StatusText(status),
			Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: &huma.Schema{Ref: "#/components/schemas/ErrorModel"}}},
		}
	}
	spec.OpenAPI().AddOperation(&op)
	a.router.HandleFunc(Prefix+filePath, a.serveFile).Methods(http.MethodGet, http.MethodHead)
}

func (a *API) serveFile(w http.ResponseWriter, r *http.Request) {
	digest := mux.Vars(r)["digest"]
	file, err := a.files.OpenFile(r.Context(), digest)
	if errors.Is(err, chat.ErrNoSuch) {
		writeProblem(w, newProblem(http.StatusNotFound, "No comment lists a file with this digest."))
		return
	}
	if err != nil {
		a.logger.ErrorContext(r.Context(), "rest: open a file", "digest", digest, "err", err)
		writeProblem(w, newProblem(http.StatusInternalServerError, "The file cannot be read now; try again later."))
		return
	}
	defer file.Content.Close()
	// A large file may take longer than any other answer is allowed to.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
	h := w.Header()
	h.Set("Content-Type", harmless(file.Type))
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": file.Name}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("ETag", `"`+digest+`"`)
	http.ServeContent(w, r, "", time.Time{}, file.Content)
}

// harmless is the type a file is served as: what a browser would run is bytes.
func harmless(mediaType string) string {
	t, _, err := mime.ParseMediaType(mediaType)
	if err != nil {
		return plainType
	}
	for _, active := range []string{"html", "xml", "svg", "script", "css", "wasm", "flash", "multipart", "message"} {
		if strings.Contains(t, active) {
			return plainType
		}
	}
	return t
}
