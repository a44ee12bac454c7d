# Regressions on panels: plm, LSDV by lm with sandwich, the half-panel jackknife by hand from plm fits. Data: Munnell (1990), 48 states, 1970-86.
source("_util.R"); suppressPackageStartupMessages({library(plm); library(sandwich)})
d <- read.csv("../data/munnell/munnell.csv"); d$STATE <- gsub(" ", "_", d$STATE)
for (v in c("P_CAP", "PC", "EMP", "GSP")) d[[paste0("ln_", v)]] <- log(d[[v]])
f <- ln_GSP ~ ln_P_CAP + ln_PC + ln_EMP + UNEMP; P <- pdata.frame(d, c("STATE", "YR"))
# Rows period by period, as ours.
o <- order(d$YR, match(d$STATE, unique(d$STATE)))
r <- list(meta = list(data = "Munnell (1990), 48 states, 1970-86 (tests/data/munnell)", versions = ver("plm", "sandwich")))
one <- function(model, effect, dummies) {
  m <- if (model == "pooling") plm(f, P, model = "pooling") else plm(f, P, model = "within", effect = effect)
  l <- lm(update(f, dummies), d); k <- names(coef(m)); s <- summary(m)
  e <- entry(sprintf('plm(log(gsp) ~ log(pcap) + log(pc) + log(emp) + unemp, model = "%s", effect = "%s")', model, effect), coef = coef(m), se = s$coefficients[, 2], t = s$coefficients[, 3], p = s$coefficients[, 4],
    r2 = unname(s$r.squared["rsq"]), adj_r2 = unname(s$r.squared["adjrsq"]), vcov = unclass(vcov(m))[k, k], loglik = as.numeric(logLik(l)), aic = AIC(l), bic = BIC(l), sigma2 = summary(l)$sigma^2,
    resid = unname(resid(l))[o], fitted = unname(fitted(l))[o], hat = unname(hatvalues(l))[o])
  for (h in c("HC0", "HC1", "HC2", "HC3")) e[[h]] <- vcovHC(l, h)[k, k]
  for (lag in c(1, 2, 5)) e[[paste0("nw", lag)]] <- vcovNW(m, type = "HC0", maxlag = lag)[k, k]
  e$arellano <- vcovHC(m, method = "arellano", type = "HC0", cluster = "group")[k, k]
  for (n in c("vcov", "HC0", "HC1", "HC2", "HC3", "nw1", "nw2", "nw5", "arellano")) { a <- matrix(e[[n]], length(k), length(k)); dimnames(a) <- list(k, k); e[[n]] <- a }
  if (model == "within") {
    if (effect != "time") e$unit_effects <- unname(fixef(m, effect = "individual", type = "dmean"))
    if (effect != "individual") e$time_effects <- unname(fixef(m, effect = "time", type = "dmean"))
    if (effect != "time") {
      b <- function(a, z) coef(plm(f, pdata.frame(d[d$YR >= a & d$YR <= z, ], c("STATE", "YR")), model = "within", effect = effect))
      # T = 17: the two ways to halve it, averaged; each half weighted by its length.
      e$jackknife_17 <- 2 * coef(m) - 0.5 * ((8 * b(1970, 1977) + 9 * b(1978, 1986)) / 17 + (9 * b(1970, 1978) + 8 * b(1979, 1986)) / 17)
      e$jackknife_16 <- 2 * b(1971, 1986) - 0.5 * (b(1971, 1978) + b(1979, 1986))
    }
  }
  e
}
r$pooled <- one("pooling", "individual", . ~ .); r$unit <- one("within", "individual", . ~ . + factor(STATE)); r$time <- one("within", "time", . ~ . + factor(YR)); r$twoways <- one("within", "twoways", . ~ . + factor(STATE) + factor(YR))
save_json(r, "33_panel")
