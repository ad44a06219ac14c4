-- for wrk: one piece of product 1
wrk.method = "PATCH"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"orders":[{"productId":1,"quantity":1}]}'
