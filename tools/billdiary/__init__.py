"""Operations of the BillDiary API, one module per toolset."""
