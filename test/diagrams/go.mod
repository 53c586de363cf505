module github.com/handoff-go/handoff/test/diagrams

go 1.26

replace github.com/handoff-go/handoff => ../../

require (
	github.com/handoff-go/handoff v0.0.0-00010101000000-000000000000
	github.com/stretchr/testify v1.12.1
	go.uber.org/goleak v1.3.0
)

require go.yaml.in/yaml/v3 v3.0.5 // indirect
