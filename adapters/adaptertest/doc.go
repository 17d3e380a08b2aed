// Package adaptertest says in tests what package chat says in words. Every chat
// adapter passes the whole of it, over each way in which its platform can be
// connected; there is nothing to opt out of. Where platforms truly differ, the
// adapter's [Driver] declares how, and the suite checks what was declared.
//
// It knows the vocabulary and no platform. What only one platform has, such as the
// shape of its requests, is tested beside that adapter.
package adaptertest
