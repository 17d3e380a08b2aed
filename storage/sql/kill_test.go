package sqlstore_test

const childVariable = "TASKBRIDGE_TEST_CHILD"

func child(string) int { return 0 }
