// Command gallery makes what people see visible.
//
//	go run ./e2e/gallery -out DIR
//
// It lets the presenter say everything it can say about sample jobs, from the
// shortest to the longest that is legal, hands that to the real adapters, takes
// what they send to their platforms off the wire and draws it as HTML pages that
// look close to Slack and to Mattermost, light and dark. Where there is a headless
// Chromium it takes a picture of each section, too.
//
// The pictures in docs/pictures are two of them, taken with -scale 1.4:
// slack-scene-offer-light.png and mattermost-scene-desk-light.png.
//
// Its tests hold everything that goes over the wire against the golden files under
// testdata, so that a change to any card, form or notice is seen as the JSON that the
// platform gets. After a change that is meant:
//
//	go test ./e2e/gallery -update
//
// The package must not know how an adapter renders: it sees JSON as the platform
// would. Its drawing is an imitation; what a platform really shows is decided there.
package main
