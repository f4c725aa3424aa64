"""An application as starlette-exporter counts it."""

from fastapi import FastAPI, HTTPException
from starlette_exporter import PrometheusMiddleware, handle_metrics

app = FastAPI()
app.add_middleware(PrometheusMiddleware)
app.add_route("/metrics", handle_metrics)


@app.get("/orders/{number}")
def order(number: int):
    if number == 13:
        raise HTTPException(500)
    return {"number": number}
