"""One step of training and the size regression against Cellpose's."""

from __future__ import annotations

import numpy as np
import torch
from cellpose.models import SizeModel
from cellpose.resnet_torch import CPnet
from cellpose.train import _loss_fn_seg

from cellwire.networks.unet import CellposeNet
from cellwire.segmentation.size import diameter_of_style
from cellwire.training.losses import cellpose_loss
from cellwire.training.size_model import fit_size


def test_loss_and_gradients_of_a_step_are_the_peers() -> None:
    torch.manual_seed(0)
    peer = CPnet([2, 32, 64, 128, 256], 3, 3).train()
    ours = CellposeNet().train()
    ours.load_state_dict(peer.state_dict())
    rng = np.random.default_rng(0)
    views = torch.from_numpy(rng.random((4, 2, 48, 48), dtype=np.float32))
    targets = rng.standard_normal((4, 3, 48, 48)).astype(np.float32)
    targets[:, 0] = rng.random((4, 48, 48)) > 0.5
    theirs = _loss_fn_seg(targets, peer(views)[0], torch.device("cpu"))
    own = cellpose_loss(ours(views)[0], torch.from_numpy(targets))
    assert abs(own.item() - theirs.item()) <= 1e-6 * abs(theirs.item())
    theirs.backward()
    own.backward()
    given = dict(peer.named_parameters())
    for name, value in ours.named_parameters():
        if value.requires_grad:
            expected = given[name].grad
            scale = max(float(expected.abs().max()), 1e-3)
            assert float((value.grad - expected).abs().max()) <= 1e-5 * scale, name


def test_predicted_diameter_is_the_peers_for_a_fitted_size_model() -> None:
    rng = np.random.default_rng(4)
    styles = rng.standard_normal((300, 256))
    styles /= np.linalg.norm(styles, axis=1, keepdims=True)
    diameters = 20.0 * np.exp(styles[:, 0] * 2.0)
    size = fit_size(styles, diameters, 30.0, 1e-3)
    peer = SizeModel.__new__(SizeModel)
    peer.params = {"A": size.A, "smean": size.smean, "diam_mean": 30.0, "ymean": size.ymean}
    peer.diam_mean = 30.0
    for style in styles[:5].astype(np.float32):
        theirs = float(np.squeeze(peer._size_estimation(style)))
        assert abs(diameter_of_style(style, size) - theirs) < 1e-4
