-- Orders are paid when they are placed: one without its payment means that payments were lost.
select count(*)
from orders o
left join payment p on p.order_id = o.id
where p.id is null
