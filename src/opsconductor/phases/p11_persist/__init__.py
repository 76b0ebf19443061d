"""P11 persist: session, customer data and record prepared side by side, committed all or nothing."""
