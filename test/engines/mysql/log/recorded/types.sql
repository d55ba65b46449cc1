set names utf8mb4;
create database t; use t;
create table ty (
 a tinyint, b smallint, c mediumint, d int, e bigint, f float, g double, h decimal(20,7), h2 decimal(5,0), h3 decimal(65,30), h4 decimal(3,3),
 i date, j time, j3 time(3), k datetime, k6 datetime(6), l timestamp null, l4 timestamp(4) null, m year,
 n char(10), n2 char(255) character set utf8mb4, o varchar(20), o2 varchar(2000), p binary(5), q varbinary(300), 
 r tinyblob, s blob, t mediumblob, u longblob, v text, w enum('a','b'), x set('a','b','c','d','e','f','g','h','i'), y bit(1), y9 bit(9), y16 bit(16), z geometry, js json) engine=innodb;
insert into ty values (1,2,3,4,5,1.5,2.5,123.456,5,-1.5,0.123,'2020-01-02','01:02:03','01:02:03.456','2020-01-02 03:04:05','2020-01-02 03:04:05.123456','2020-01-02 03:04:05','2020-01-02 03:04:05.1234',2020,
 'abc',repeat('é',200),'vv',repeat('w',300),'bin','varb','tb','blob','mb','lb','text','b','a,c,i',b'1',b'101010101',b'1010101010101010',ST_GeomFromText('POINT(1 2)'),'{"a": [1,2]}');
insert into ty (a) values (1),(2);
insert into ty select * from ty;
insert into ty select * from ty;
create table wide (c1 int, c2 int,c3 int,c4 int,c5 int,c6 int,c7 int,c8 int,c9 int);
insert into wide (c1,c9) values (1,2),(2,3);
update ty set a = 7;
update ty set js = '{"b":1}';
delete from ty where a = 7;
delete from wide;
create table big (i int, b longblob);
insert into big values (1, repeat('x', 300000)), (2, repeat('y', 300000)),(3,'');
delete from big;
create table t.u (i int, u uuid, i6 inet6, i4 inet4, c varchar(500) compressed, bl blob compressed, cc char(3) character set utf8mb4);
insert into t.u values (1,uuid(),'::1','1.2.3.4',repeat('c',400),repeat('b',400),'äöü'),(2,null,null,null,null,null,null);
delete from t.u;
