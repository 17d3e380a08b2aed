// Package redisstore is the coordinator of several replicas on Redis: it counts what
// they take of the platforms' allowances and carries hints between them.
//
// Nothing in it has to last. When Redis is away every method fails soon, and its
// callers go on by the database alone; when Redis has forgotten everything, what is
// not remembered is counted as just used up. It must not know what the allowances
// and hints are about.
package redisstore
