module handfast.test/peer

go 1.19
