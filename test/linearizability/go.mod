module github.com/handoff-go/handoff/test/linearizability

go 1.26

replace github.com/handoff-go/handoff => ../../

require (
	github.com/anishathalye/porcupine v1.3.1
	github.com/handoff-go/handoff v0.0.0-00010101000000-000000000000
	github.com/stretchr/testify v1.12.1
	go.uber.org/goleak v1.3.0
)

require (
	github.com/panjf2000/ants/v2 v2.12.1 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/sync v0.11.0 // indirect
)
