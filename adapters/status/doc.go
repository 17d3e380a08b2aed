// Package status serves the page on which a customer sees how a job stands and rates the
// work, to whoever has its link.
//
// It owns the page. It must not know the workflow, the storage, the engine or any
// platform: what is shown is a chat.StatusView, which holds nothing else of the job.
package status
