select invoice, customer, amount, due, paid from aviation.in_csv order by invoice
