typedef int tend_empty_room;
