"""What each function of the lake does, step by step, over the gateways' roles. Every step may be repeated."""
