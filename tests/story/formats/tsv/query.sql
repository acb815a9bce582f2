select flight, slot, note from aviation.in_tsv order by flight
