-- The sample shop on MySQL: 5,000 customers, 20,000 orders of two lines each, a payment for every order.
create database shop;
use shop;
set session cte_max_recursion_depth = 20000;

create table customer (
  id int auto_increment primary key,
  name varchar(100) not null,
  email varchar(100) not null unique,
  created_at datetime not null
);
create table product (
  id int auto_increment primary key,
  name varchar(100) not null,
  price decimal(10, 2) not null check (price > 0)
);
create table orders (
  id int auto_increment primary key,
  customer_id int not null,
  placed_at datetime not null,
  key (placed_at),
  foreign key (customer_id) references customer (id)
);
create table order_line (
  order_id int not null,
  line int not null,
  product_id int not null,
  quantity int not null,
  primary key (order_id, line),
  foreign key (order_id) references orders (id),
  foreign key (product_id) references product (id)
);
create table payment (
  id int auto_increment primary key,
  order_id int not null unique,
  amount decimal(10, 2) not null,
  paid_at datetime not null,
  foreign key (order_id) references orders (id)
);

insert into customer (name, email, created_at)
with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 5000)
select concat('Customer ', n), concat('customer', n, '@shop.example'), utc_timestamp() - interval n hour from numbers;
insert into product (name, price)
with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 200)
select concat('Product ', n), 1 + n % 97 from numbers;
insert into orders (customer_id, placed_at)
with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 20000)
select 1 + n % 5000, utc_timestamp() - interval (20001 - n) * 3 minute from numbers;
insert into order_line
select o.id, l.line, 1 + (o.id * 7 + l.line) % 200, 1 + o.id % 3 from orders o join (select 1 as line union all select 2) l;
insert into payment (order_id, amount, paid_at)
select o.id, sum(l.quantity * p.price), o.placed_at + interval 1 minute
from orders o join order_line l on l.order_id = o.id join product p on p.id = l.product_id group by o.id order by o.id;

delimiter //
create procedure place_order()
begin
  start transaction;
  insert into orders (customer_id, placed_at) values (1 + floor(rand() * 5000), utc_timestamp());
  set @placed = last_insert_id();
  insert into order_line values (@placed, 1, 1 + @placed % 200, 1);
  insert into payment (order_id, amount, paid_at)
  select @placed, price, utc_timestamp() from product where id = 1 + @placed % 200;
  commit;
end//
delimiter ;
