package connectwise

// Observed is the same client telling onCall about its attempts instead of the one it was made with. Both share limiter,
// connections and the looked-up code base, so that each user of a login can count its own calls without looking the code
// base up again.
func (c *Client) Observed(onCall func(Call)) *Client {
	observed := *c
	observed.onCall = onCall
	observed.bindServices()
	return &observed
}
