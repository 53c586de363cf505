//go:build !race && !handoff_sched && !purego

#include "textflag.h"

// func publish(word *sched.Uint64, w uint64)
TEXT ·publish(SB), NOSPLIT, $0-16
	MOVQ word+0(FP), AX
	MOVQ w+8(FP), BX
	MOVQ BX, (AX)
	RET
