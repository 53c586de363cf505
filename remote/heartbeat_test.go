package remote

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

// The ack wait of a message is three intervals.
func TestAHeartbeatIsInTimeAfterAnyOutageThatIsShorterThanTheAckWait(t *testing.T) {
	const interval = time.Second
	for outage := interval / 2; outage <= 29*interval/10; outage += interval / 10 {
		synctest.Test(t, func(t *testing.T) {
			begin := time.Now()
			last := begin
			var longest time.Duration
			stop := startHeartbeat(interval, func() (bool, error) {
				if time.Since(begin) < outage {
					return true, errors.New("no connection")
				}
				longest = max(longest, time.Since(last))
				last = time.Now()
				return true, nil
			})
			defer stop()
			time.Sleep(10 * interval)
			synctest.Wait()
			assert.Less(t, longest, 3*interval, "an outage of %v", outage)
			assert.LessOrEqual(t, time.Since(last), interval, "an outage of %v", outage)
		})
	}
}

func TestAHeartbeatEndsByItselfAndWhenItIsStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		beats := 0
		stop := startHeartbeat(time.Second, func() (bool, error) {
			beats++
			return beats < 5, nil
		})
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Equal(t, 5, beats)
		stop()
		beats = 0
		stop = startHeartbeat(time.Second, func() (bool, error) {
			beats++
			return true, nil
		})
		time.Sleep(3500 * time.Millisecond)
		stop()
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Equal(t, 3, beats)
	})
}
