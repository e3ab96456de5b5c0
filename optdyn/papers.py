"""The papers that optdyn brings, announced as those of any other package are: by entry points, in setup.cfg."""

from dynamics.papers import Paper

__all__ = [
    "ARSG",
    "BEYOND",
    "HIGH_DIMENSION",
    "L4",
    "PROBLEMS",
    "SIGMA_NICE",
    "STEP_TUNED",
    "TRUST_REGION",
    "WORST_CASE",
]

ARSG = Paper(
    "arsg",
    "Chen et al., An Adaptive Remote Stochastic Gradient Method, arXiv:1905.01422",
    methods={
        "arsg": "dynamics.algorithms.arsg:ARSG",
        "arsgb": "dynamics.algorithms.obsb:ARSGB",
        "asgd": "dynamics.algorithms.asgd:ASGD",
        "generalized-arsg": "dynamics.algorithms.arsg:GeneralizedARSG",
        "rsg": "dynamics.algorithms.momentum:RSG",
    },
    claims=("theory.claims.arsg:CLAIMS",),
    figures=("plots.gallery.arsg_*",),
)

L4 = Paper(
    "l4",
    "Rolínek and Martius, L4: Practical loss-based stepsize adaptation for deep learning, NeurIPS 2018",
    methods={
        "l4": "dynamics.algorithms.l4_choice:L4",
        "l4-adam": "dynamics.algorithms.l4:L4Adam",
        "l4-mom": "dynamics.algorithms.l4:L4Mom",
    },
    problems={"linear-net": "synthetic.linear_nets.linear_nets:linear_net"},
    claims=("theory.claims.l4:CLAIMS",),
    figures=("plots.gallery.l4_*",),
)

SIGMA_NICE = Paper(
    "sigma_nice",
    "Sato and Iiduka, Using SGD to Smooth Nonconvex Functions, arXiv:2311.08745",
    methods={
        "graduated-descent": "dynamics.algorithms.graduated_descent:GraduatedDescent",
        "implicit-graduated-sgd": "dynamics.algorithms.graduated_sgd:ImplicitGraduatedSGD",
    },
    problems={
        "drop-wave": "synthetic.landscapes.drop_waves:drop_wave",
        "quadratic-cosine": "synthetic.landscapes.cosines:quadratic_cosine",
        "rastrigin": "synthetic.landscapes.cosines:rastrigin",
    },
    claims=("theory.claims.sigma_nice:CLAIMS",),
    figures=("plots.gallery.sigma_nice_*",),
)

STEP_TUNED = Paper(
    "step_tuned",
    "Castera, Bolte, Févotte and Pauwels, Second-order step-size tuning of SGD, arXiv:2103.03570",
    methods={
        "exact-gv": "dynamics.algorithms.exact_variation:ExactGV",
        "expected-gv": "dynamics.algorithms.exact_variation:ExpectedGV",
        "step-tuned-sgd": "dynamics.algorithms.step_tuned:StepTunedSGD",
        "stochastic-gv": "dynamics.algorithms.gradient_variation:StochasticGV",
    },
    problems={"carmon": "synthetic.ridge_sums.regression:carmon"},
    claims=("theory.claims.step_tuned:CLAIMS",),
    figures=("plots.gallery.step_tuned_*",),
)

TRUST_REGION = Paper(
    "trust_region",
    "Kohler, Adolphs and Lucchi, Adaptive norms for deep learning, arXiv:1905.09201",
    methods={
        "first-order-trust-region": "dynamics.algorithms.trust_region.first_order:FirstOrderTrustRegion",
        "trust-region": "dynamics.algorithms.trust_region.second_order:TrustRegion",
    },
    problems={
        "narrow-valley": "synthetic.landscapes.classics:narrow_valley",
        "saddle": "synthetic.landscapes.classics:saddle",
    },
    claims=("theory.claims.trust_region:CLAIMS",),
    figures=("plots.gallery.trust_region_*",),
)

BEYOND = Paper(
    "beyond",
    "Beyond the papers",
    methods={
        "adagrad": "dynamics.algorithms.adagrad:Adagrad",
        "adam": "dynamics.algorithms.adam:Adam",
        "amsgrad": "dynamics.algorithms.amsgrad:AMSGrad",
        "armijo": "dynamics.algorithms.armijo:Armijo",
        "barzilai-borwein": "dynamics.algorithms.barzilai_borwein:BarzilaiBorwein",
        "cubic-newton": "dynamics.algorithms.cubic_newton:CubicNewton",
        "gauss-newton": "dynamics.algorithms.gauss_newton:GaussNewton",
        "gradient-descent": "dynamics.algorithms.gradient_descent:GradientDescent",
        "heavy-ball": "dynamics.algorithms.momentum:HeavyBall",
        "levenberg-marquardt": "dynamics.algorithms.levenberg_marquardt:LevenbergMarquardt",
        "nadam": "dynamics.algorithms.nadam:NAdam",
        "nesterov": "dynamics.algorithms.momentum:Nesterov",
        "polyak": "dynamics.algorithms.polyak:Polyak",
        "radam": "dynamics.algorithms.radam:RAdam",
        "ranger": "dynamics.algorithms.ranger:Ranger",
        "rmsprop": "dynamics.algorithms.rmsprop:RMSprop",
        "saddle-free-newton": "dynamics.algorithms.saddle_free_newton:SaddleFreeNewton",
        "sgd": "dynamics.algorithms.gradient_descent:SGD",
    },
    problems={
        "beale": "synthetic.landscapes.classics:beale",
        "digits-logistic": "synthetic.classifiers.digits:digits_logistic",
        "digits-mlp": "synthetic.classifiers.digits:digits_mlp",
        "himmelblau": "synthetic.landscapes.classics:himmelblau",
        "monkey-saddle": "synthetic.landscapes.classics:monkey_saddle",
        "quadratic": "synthetic.quadratics.quadratics:quadratic",
        "rosenbrock": "synthetic.landscapes.rosenbrock_valley:rosenbrock",
    },
    figures=("plots.gallery.beyond_*",),
    is_published=False,
)

HIGH_DIMENSION = Paper(
    "high_dimension",
    "Paquette, Lee, Pedregosa and Paquette, SGD in the large, arXiv:2102.04396",
    problems={
        "power-law": "synthetic.quadratics.power_laws:power_law",
        "streamed-squares": "synthetic.quadratics.streamed:streamed_squares",
    },
    claims=("theory.claims.high_dimension",),
    is_published=False,
)

PROBLEMS = Paper(
    "problems", "Problems of the papers' experiments", claims=("theory.claims.problems",), is_published=False
)

WORST_CASE = Paper(
    "worst_case", "Worst cases of first-order methods", claims=("theory.claims.worst_case:CLAIMS",), is_published=False
)
