"""Messages out, receipts back: one file knows one provider and all its words."""
