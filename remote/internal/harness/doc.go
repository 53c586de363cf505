// Package harness supports tests of remote channels: servers with JetStream in the
// process of the test, a cluster of three of them whose leaders can be found and stopped, a
// proxy that misbehaves as networks do, and processes that can be killed.
//
// Everything listens on loopback at ports that the system chooses, keeps its data in the
// test's temporary directory, and ends with the test.
package harness
