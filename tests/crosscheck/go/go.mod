module handfast.test/crosscheck

go 1.21
