require "vacation";
vacation :days 7 :addresses ["a@chu.example"] text:
Away.
..dot
.
;
/* end */ keep;