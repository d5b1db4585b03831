//! Why a request was refused, and the status that says so (RFC 9725 §4.2, §4.3). The body is an error as in
//! PROTOCOL.md, so that whoever reads logs finds a sentence.

use super::head::MediaType;
use crate::control::PatchError;
use axum::Json;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use signal::{ErrorCode, ErrorInfo};

/// Seconds after which it is worth another try when the room is full, or the server has too much to do or is stopping.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("10");

/// See the module.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    /// The body is of another type.
    #[error("The body must be of another type: see Accept-Post and Accept-Patch.")]
    WrongType { expected: MediaType },
    /// The body is longer than the largest offer.
    #[error("The body is too large.")]
    TooLarge,
    /// The body did not come whole.
    #[error("The body could not be read.")]
    Broken,
    /// The query cannot be read.
    #[error("The query could not be read.")]
    BadQuery,
    /// No such resource.
    #[error("There is no such session, or no more.")]
    Unknown,
    /// A change without `If-Match`.
    #[error("If-Match is missing.")]
    NoCondition,
    /// A change of a state that is none, or none any more.
    #[error("The session's ICE was restarted since.")]
    Stale,
    /// A change upon a change.
    #[error("Another restart is being answered.")]
    Busy,
    /// In the room's words.
    #[error("{}", .0.message)]
    Said(ErrorInfo),
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::WrongType { .. } => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Broken | Self::BadQuery => StatusCode::BAD_REQUEST,
            Self::Unknown => StatusCode::NOT_FOUND,
            Self::NoCondition => StatusCode::PRECONDITION_REQUIRED,
            Self::Stale => StatusCode::PRECONDITION_FAILED,
            Self::Busy => StatusCode::CONFLICT,
            Self::Said(info) => match info.code {
                ErrorCode::RoomFull
                | ErrorCode::Overloaded
                | ErrorCode::TooManyRooms
                | ErrorCode::ServerFull
                | ErrorCode::ShuttingDown
                | ErrorCode::Busy => StatusCode::SERVICE_UNAVAILABLE,
                ErrorCode::TooManyFromNetwork => StatusCode::TOO_MANY_REQUESTS,
                ErrorCode::NotAllowed => StatusCode::UNAUTHORIZED,
                ErrorCode::ModeNotAllowed | ErrorCode::RoomLocked | ErrorCode::Removed => {
                    StatusCode::FORBIDDEN
                }
                ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
                _ => StatusCode::BAD_REQUEST,
            },
        }
    }

    fn info(&self) -> ErrorInfo {
        let code = match self {
            Self::Said(info) => return info.clone(),
            Self::TooLarge => ErrorCode::MessageTooLarge,
            Self::Unknown => ErrorCode::NotJoined,
            Self::WrongType { .. }
            | Self::Broken
            | Self::BadQuery
            | Self::NoCondition
            | Self::Stale
            | Self::Busy => ErrorCode::Malformed,
        };
        ErrorInfo::with_message(code, self.to_string())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut response = (status, Json(self.info())).into_response();
        let headers = response.headers_mut();
        if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        match self {
            Self::WrongType { expected } => {
                headers.insert(expected.accepted_by(), expected.value());
            }
            Self::TooLarge
            | Self::Broken
            | Self::BadQuery
            | Self::Unknown
            | Self::NoCondition
            | Self::Stale
            | Self::Busy
            | Self::Said(_) => {}
        }
        response
    }
}

impl From<ErrorInfo> for Refusal {
    fn from(info: ErrorInfo) -> Self {
        Self::Said(info)
    }
}

impl From<PatchError> for Refusal {
    fn from(error: PatchError) -> Self {
        match error {
            PatchError::Unknown => Self::Unknown,
            PatchError::Stale => Self::Stale,
            PatchError::Busy => Self::Busy,
            PatchError::Refused(info) => Self::Said(info),
        }
    }
}

impl From<BytesRejection> for Refusal {
    fn from(rejection: BytesRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE { Self::TooLarge } else { Self::Broken }
    }
}

impl From<QueryRejection> for Refusal {
    fn from(_: QueryRejection) -> Self {
        Self::BadQuery
    }
}
