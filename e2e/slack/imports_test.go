package slack_test

// The tests run the program as a process of its own. Importing its parts makes the
// test cache see when one of them changes.
import (
	_ "taskbridge/adapters/email"
	_ "taskbridge/adapters/mattermost"
	_ "taskbridge/adapters/rest"
	_ "taskbridge/adapters/slack"
	_ "taskbridge/adapters/webhook"
	_ "taskbridge/bot"
	_ "taskbridge/manifests"
	_ "taskbridge/storage/sql"
)
